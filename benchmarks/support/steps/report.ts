import { lineChart } from '../../../packages/cli/src/report/line-chart';
import type { FrameResult } from './idea';

/** The results of an idea on one clip and look. */
export interface Run {
  readonly group: string;
  readonly idea: string;
  readonly clip: string;
  readonly look: string;
  readonly frames: readonly FrameResult[];
}

/** A run as a row of a table: evaluations, their cost, and the objective of the first and of the later frames. */
export function rowOf({ idea, clip, look, frames }: Run) {
  const [first, ...next] = frames;
  const laterMean = (value: (frame: FrameResult) => number) => (next.length > 0 ? mean(next.map(value)) : 0);
  return {
    idea,
    clip,
    look,
    evaluations: round(first!.evaluations + next.length * laterMean(({ evaluations }) => evaluations)),
    cost: round(frames.reduce((sum, { cost }) => sum + cost, 0)),
    first: round(first!.losses.total!),
    next: round(laterMean(({ losses }) => losses.total!)),
    nme: round(mean(frames.map(({ nme }) => nme))),
    lpips: round(mean(frames.map(({ losses }) => losses.lpips!))),
  };
}

/** The rows of each idea averaged over clips and looks. */
export function meansOf(runs: readonly Run[]) {
  return [...new Set(runs.map(({ idea }) => idea))].map((idea) => {
    const same = runs.filter((run) => run.idea === idea);
    const rows = same.map(rowOf);
    const of = (key: 'evaluations' | 'cost' | 'first' | 'next' | 'nme' | 'lpips') =>
      round(mean(rows.map((row) => row[key])));
    return {
      group: same[0]!.group,
      idea,
      runs: rows.length,
      evaluations: of('evaluations'),
      cost: of('cost'),
      first: of('first'),
      next: of('next'),
      nme: of('nme'),
      lpips: of('lpips'),
    };
  });
}

/** Two charts per group, by name: the objective over the evaluations of the first frame, and of the later ones. */
export async function pictures(runs: readonly Run[]): Promise<[name: string, png: Uint8Array][]> {
  const groups = [...new Set(runs.map(({ group }) => group))].filter((group) => group !== 'reference');
  const drawn: [string, Uint8Array][] = [];
  for (const group of groups) {
    for (const part of ['first', 'next'] as const) {
      const name = `${group.replaceAll(' ', '-')}-${part}`;
      drawn.push([name, await picture(runs, group, part)]);
    }
  }
  return drawn;
}

/** One chart of {@link pictures}, with the references for the ideas of the group. */
function picture(runs: readonly Run[], group: string, part: 'first' | 'next'): Promise<Uint8Array> {
  const members = [...new Set(runs.filter((run) => run.group === group).map(({ idea }) => idea))];
  const references = ['thorough', 'fast', 'Adam', 'BFGS', 'Adam in whitened-w+'].filter(
    (name) =>
      ['thorough', 'Adam'].includes(name) ||
      (!members.includes(name) && members.some((member) => member.startsWith(`${name},`))),
  );
  // Only clips and looks on which all of them were run.
  const pairOf = ({ clip, look }: Run) => `${clip} ${look}`;
  const pairsOf = (idea: string) => new Set(runs.filter((run) => run.idea === idea).map(pairOf));
  const pairs = new Set(runs.map(pairOf).filter((pair) => members.every((idea) => pairsOf(idea).has(pair))));
  const curves = [...references, ...members].flatMap((idea) => {
    const frames = runs
      .filter((run) => run.idea === idea && pairs.has(pairOf(run)))
      .flatMap((run) => (part === 'first' ? run.frames.slice(0, 1) : run.frames.slice(1)));
    return frames.length > 0 ? [{ idea, curve: meanCurve(frames.map(({ curve }) => curve)) }] : [];
  });
  const shown = 2 * Math.min(...curves.map(({ curve }) => curve.length));
  const series = curves.map(({ idea, curve }) => ({
    label: `${idea}: ${curve.at(-1)!.toFixed(3)} after ${curve.length}`,
    points: curve.slice(0, shown).map((value, i) => [i + 1, value] as const),
  }));
  return lineChart(series, {
    title: `${group}: ${part === 'first' ? 'first frame' : 'later frames'}`,
    xLabel: 'evaluations',
    yLabel: 'lowest objective so far',
  });
}

/** Mean of curves; one that ends earlier keeps its last value. */
function meanCurve(curves: readonly (readonly number[])[]): number[] {
  const length = Math.max(...curves.map((curve) => curve.length));
  return Array.from({ length }, (_, i) => mean(curves.map((curve) => curve[i] ?? curve.at(-1)!)));
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const round = (value: number) => Math.round(10000 * value) / 10000;
