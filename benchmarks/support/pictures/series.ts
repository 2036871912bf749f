import { freeMode, identityLosses, identityMode, type ProjectSequenceOptions } from '@faceanim/core';
import type { LossTerm } from '@faceanim/core/losses';
import { retargeted } from '@faceanim/core/retargeting';
import type { AvatarPack } from '@faceanim/models';

type Options = Partial<ProjectSequenceOptions>;

/** Runs that differ in one setting. */
export interface Series {
  /** Driver frames that are shown; with several, each run is a row. */
  readonly frames: readonly number[];
  /** How many driver frames lie from one optimised frame to the next. */
  readonly every: number;
  /** Label and options of each run; runs without options are the defaults, which all series share. */
  readonly runs: readonly [label: string, options?: (pack: AvatarPack) => Options][];
}

/** Shut eyes and an open mouth in a turned head. */
const blink = { frames: [8], every: 8 };
/** The mouth is open widest. */
const shout = { frames: [16], every: 8 };

/** The settings that docs/method.md shows. */
export const series: Readonly<Record<string, Series>> = {
  look: { ...blink, runs: around('lpips', 'pixel') },
  motion: { ...blink, runs: around('landmarks', 'heatmaps') },
  mouth: { ...shout, runs: [['0', mouth(0)], ['0.5', mouth(0.5)], ['2 (default)'], ['8', mouth(8)]] },
  smooth: {
    frames: [6, 7, 8, 9],
    every: 1,
    runs: [
      ['0', scaled(0, 'smooth')],
      ['default', () => ({})],
      ['× 4', scaled(4, 'smooth')],
    ],
  },
  fidelity: {
    ...shout,
    runs: [
      ['0', free(0)],
      ['default', free(1)],
      ['× 4', free(4)],
    ],
  },
  pose: { ...blink, runs: [['0 (look)', pose(0)], ['0.5', pose(0.5)], ['1 (driver, default)']] },
  gain: { ...shout, runs: [['0', gain(0)], ['0.5', gain(0.5)], ['1 (default)'], ['1.5', gain(1.5)]] },
};

/** The default weights of some terms, none of them, a quarter, and four times as much. */
function around(...terms: string[]): Series['runs'] {
  return [
    ['0', scaled(0, ...terms)],
    ['÷ 4', scaled(1 / 4, ...terms)],
    ['default'],
    ['× 4', scaled(4, ...terms)],
  ];
}

function scaled(factor: number, ...terms: string[]) {
  return (pack: AvatarPack) => ({
    losses: identityLosses(pack).map((term) => (terms.includes(term.name) ? scale(term, factor) : term)),
  });
}

function scale(term: LossTerm, factor: number): LossTerm {
  const { weight } = term;
  return {
    ...term,
    weight: typeof weight === 'number' ? factor * weight : (frame) => factor * weight(frame),
  };
}

function mouth(weight: number) {
  return (pack: AvatarPack) => identityMode(pack, { groups: { mouth: weight } });
}

function free(factor: number) {
  return (pack: AvatarPack) => {
    const mode = freeMode(pack);
    const losses = mode.losses!.map((term) => (term.name === 'fidelity' ? scale(term, factor) : term));
    return { ...mode, losses };
  };
}

function pose(share: number) {
  return ({ landmarkModel: model }: AvatarPack) => ({ target: retargeted({ model, pose: share }) });
}

function gain(factor: number) {
  return ({ landmarkModel: model }: AvatarPack) => ({
    target: retargeted({ model, gain: { mouth: factor } }),
  });
}
