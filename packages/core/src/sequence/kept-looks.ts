import { alike } from '../alike';
import type { LossTerm } from '../losses/loss-term';
import type { Optimizer } from '../optimizers/optimizer';
import type { ProjectedLook } from './run';

/** What projecting a look depends on, besides what is the same in all runs of a session. */
export interface LookProblem {
  readonly optimizer: Optimizer;
  /** The terms that apply to it. */
  readonly terms: readonly LossTerm[];
  /** All the rest, as a text to compare. */
  readonly facts: string;
}

/** The looks that a session has projected. */
export interface KeptLooks {
  /** What projecting a look has given, if the same problem was solved before. */
  find(problem: LookProblem): ProjectedLook | undefined;
  keep(problem: LookProblem, look: ProjectedLook): void;
}

/** With the matrix of quasi-Newton, each may take a megabyte. */
const most = 4;

/** Keeps the looks that were used last. */
export function keptLooks(): KeptLooks {
  const kept: { readonly problem: LookProblem; readonly look: ProjectedLook }[] = [];
  return {
    find(problem) {
      const at = kept.findIndex((each) => isSame(each.problem, problem));
      if (at < 0) return undefined;
      kept.push(...kept.splice(at, 1));
      // Frames hand theirs to the caller, who may change or transfer it.
      return structuredClone(kept.at(-1)!.look);
    },
    keep(problem, look) {
      kept.push({ problem, look: structuredClone(look) });
      if (kept.length > most) kept.shift();
    },
  };
}

function isSame(a: LookProblem, b: LookProblem): boolean {
  return (
    a.facts === b.facts &&
    alike(a.optimizer, b.optimizer) &&
    a.terms.length === b.terms.length &&
    a.terms.every((term, i) => alike(term, b.terms[i]!))
  );
}
