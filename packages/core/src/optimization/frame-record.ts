import { FaceanimError } from '@faceanim/tensor';
import { weightedSum } from './early-stopping';

/** A step of a frame. */
interface Place {
  readonly frame: number;
  readonly step: number;
}

/** The losses of a frame while it is optimised. */
export interface FrameRecord {
  /** Index of the frame in the driver. */
  readonly index: number;
  /** Loss terms and `total`, as last read. */
  readonly losses: Readonly<Record<string, number>>;
  readonly history: readonly { readonly step: number; readonly total: number }[];
  /**
   * Records the losses of a step: the terms before weighting, then the total.
   *
   * @throws {FaceanimError} `diverged`.
   */
  add(step: number, values: readonly number[], weights: ArrayLike<number>): void;
}

/** An empty record of a frame, for terms of these names. */
export function frameRecord(index: number, names: readonly string[]): FrameRecord {
  let losses: Record<string, number> = {};
  const history: { step: number; total: number }[] = [];
  /** The size of each term when it first had a weight. */
  let first = names.map(() => 0);
  return {
    index,
    history,
    get losses() {
      return losses;
    },
    add: (step, values, weights) => {
      losses = Object.fromEntries([...names, 'total'].map((name, i) => [name, values[i]!]));
      const total = losses.total!;
      first = first.map((value, i) => value || Math.abs(values[i]!));
      const causes = names.filter((name) => !Number.isFinite(losses[name]));
      checkTotal(total, causes, weightedSum(weights, first), { frame: index, step });
      history.push({ step, total });
    },
  };
}

/** The error for a frame whose optimisation diverged. */
export function diverged(what: string, at: Place): FaceanimError {
  return new FaceanimError('diverged', `${what} (frame ${at.frame}, step ${at.step}).`, {
    ...at,
    hint: 'Lower the learning rate or the weight of the term that grew, and check that the checkpoints belong to the networks.',
  });
}

/**
 * @param causes names of the terms that are not finite
 * @param first the total of the terms when each first had a weight, under the current weights
 */
function checkTotal(total: number, causes: readonly string[], first: number, at: Place): void {
  if (!Number.isFinite(total)) {
    const because = causes.length > 0 ? ` because of ${causes.join(', ')}` : '';
    throw diverged(`The objective is ${total}${because}`, at);
  }
  if (total > 1000 * Math.max(first, 1e-3)) {
    throw diverged(`The objective rose from ${first.toPrecision(3)} to ${total.toPrecision(3)}`, at);
  }
}
