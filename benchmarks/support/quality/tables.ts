import { mean } from '../../../packages/cli/src/report/series';
import type { Following } from './curves';
import type { JudgedRun, Measures, Trust } from './judge-runs';

type Row = Record<string, string | number | boolean | undefined>;

const movements = ['mouth', 'lids', 'brows', 'yaw'] as const;

/** An animation as a row of a table; `still`: the clip does not make this movement. */
export function runRow({ name, clip, look, measures, steps }: JudgedRun): Row {
  const { follows, error, motion, jitter, trueJitter, identity, worstIdentity, alone, lpips, trueLpips } =
    measures;
  return {
    ...{ name, clip, look, steps, error: round(error, 2), motion: round(motion, 2) },
    ...{ jitter: round(jitter, 2), trueJitter: round(trueJitter, 2) },
    ...{ identity: round(identity, 3), worst: round(worstIdentity, 3), alone: round(alone, 3) },
    ...followingRow(follows),
    ...{ lpips: round(lpips, 3), trueLpips: round(trueLpips, 3) },
  };
}

/** How the judges read the truth of a pair, as a row of a table. */
export function trustRow({
  clip,
  look,
  motion,
  jitter,
  trueJitter,
  follows,
  identity,
  worstIdentity,
  lpips,
}: Trust): Row {
  return {
    ...{ clip, look, motion: round(motion, 2), jitter: round(jitter, 2), trueJitter: round(trueJitter, 2) },
    ...followingRow(follows),
    ...{ identity: round(identity, 3), worst: round(worstIdentity, 3), lpips: round(lpips, 3) },
  };
}

function followingRow(follows: Measures['follows']): Row {
  const text = (of: Following | undefined) => (of ? `${of.r.toFixed(2)} / ${of.gain.toFixed(2)}` : 'still');
  return Object.fromEntries(movements.map((name) => [name, text(follows[name])]));
}

/** Means over animations. */
export function meansOf(runs: readonly JudgedRun[]) {
  const of = (value: (measures: Measures) => number | undefined) => {
    const values = runs.map(({ measures }) => value(measures)).filter((value) => value !== undefined);
    return values.length > 0 ? mean(values) : Number.NaN;
  };
  return {
    error: of(({ error }) => error),
    motion: of(({ motion }) => motion),
    jitter: of(({ jitter, trueJitter }) => trueJitter && jitter),
    trueJitter: of(({ trueJitter }) => trueJitter),
    identity: of(({ identity }) => identity),
    worst: of(({ worstIdentity }) => worstIdentity),
    alone: of(({ alone }) => alone),
    mouth: of(({ follows }) => follows.mouth?.r),
    mouthGain: of(({ follows }) => follows.mouth?.gain),
    lids: of(({ follows }) => follows.lids?.r),
    lidsGain: of(({ follows }) => follows.lids?.gain),
    brows: of(({ follows }) => follows.brows?.r),
    browsGain: of(({ follows }) => follows.brows?.gain),
    yaw: of(({ follows }) => follows.yaw?.r),
    yawGain: of(({ follows }) => follows.yaw?.gain),
    lpips: of(({ lpips }) => lpips),
    trueLpips: of(({ trueLpips }) => trueLpips),
  };
}

export function meansRow(name: string, runs: readonly JudgedRun[]): Row {
  const means = Object.entries(meansOf(runs)).map(([key, value]) => [key, round(value, 3)]);
  return { name, runs: runs.length, ...Object.fromEntries(means) };
}

/** The aims of the benchmark for one variant, over the pairs that the variants it is compared with have, too. */
export function aimsRows(
  runs: readonly JudgedRun[],
  others: Readonly<Record<string, readonly JudgedRun[]>>,
): Row[] {
  const atMost = (what: string, value: number, limit: number) =>
    aim(what, value, `≤ ${limit}`, value <= limit);
  const atLeast = (what: string, value: number, limit: number) =>
    aim(what, value, `≥ ${limit}`, value >= limit);
  const own = meansOf(runs);
  const against = Object.entries(others).flatMap(([name, theirs]) => {
    const pairs = new Set(theirs.map(({ clip, look }) => `${clip} ${look}`));
    const mine = meansOf(runs.filter(({ clip, look }) => pairs.has(`${clip} ${look}`)));
    const other = meansOf(theirs);
    return [
      atMost(`error, times that of ${name}`, mine.error / other.error, 0.5),
      atMost(`error of motion, times that of ${name}`, mine.motion / other.motion, 0.5),
      atMost(`jitter, times that of ${name}`, mine.jitter / other.jitter, 0.5),
      atMost(`LPIPS to the look, times that of ${name}`, mine.lpips / other.lpips, 1),
    ];
  });
  return [
    ...against,
    atMost('jitter, times that of the truth', own.jitter / own.trueJitter, 1.5),
    atMost('identity distance, above the look alone', own.identity - own.alone, 0.01),
    atMost('… in the worst frame', own.worst - own.alone, 0.01),
    atLeast('mouth, correlation', own.mouth, 0.97),
    aim('mouth, gain', own.mouthGain, '0.9 to 1.1', Math.abs(own.mouthGain - 1) <= 0.1),
    atLeast('lids, correlation', own.lids, 0.85),
    atLeast('lids, gain', own.lidsGain, 0.7),
    atLeast('brows, correlation', own.brows, 0.8),
  ];
}

function aim(what: string, value: number, wanted: string, met: boolean): Row {
  return { what, value: round(value, 3), aim: wanted, met };
}

function round(value: number | undefined, digits: number): number | undefined {
  return value === undefined ? undefined : Number(value.toFixed(digits));
}
