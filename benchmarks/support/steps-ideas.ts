import { adam as adamOptimizer, identityLosses, thorough } from '@faceanim/core';
import type { LossTerm } from '@faceanim/core/losses';
import { adam } from './steps/adam';
import { everyNth, halfLandmarksFirst, lpipsFirstAt } from './steps/coarse';
import type { Idea, LossNetworks, Minimise } from './steps/idea';
import { anderson, type Bfgs, bfgs, lbfgs, steepest } from './steps/models';
import { trustRegion } from './steps/trust-region';

const adamRates = { first: 0.1, next: 0.1 };

/** The references for all other ideas. */
const reference: Idea[] = [
  { name: 'thorough', options: thorough() },
  { name: 'fast', options: {} },
  { name: 'Adam', open: adam() },
  { name: 'BFGS', open: trustRegion({ model: bfgs }) },
];

/** Ideas to take fewer steps, by group. Each changes one thing of `Adam`, of `BFGS` or of the idea that it names. */
export const ideas: Readonly<Record<string, readonly Idea[]>> = {
  reference,
  encoder: [
    { name: 'fast, no encoder', options: { encoder: undefined } },
    { name: 'fast, 40 + 6', options: { steps: { look: 0, first: 40, next: 6 } } },
    {
      name: 'Adam with the encoder',
      options: { optimizer: adamOptimizer(), steps: { look: 0, first: 60, next: 10 } },
    },
  ],
  'warm start': [
    { name: 'Adam, start half a motion on', open: adam({ along: 0.5 }) },
    { name: 'Adam, start a motion on', open: adam({ along: 1 }) },
    { name: 'BFGS, start at the last frame', open: trustRegion({ model: bfgs, along: 0 }) },
    { name: 'BFGS, start a motion on', open: trustRegion({ model: bfgs, along: 1 }) },
  ],
  'state carried over': [
    { name: 'Adam, second moments kept', open: adam({ carry: 'second' }) },
    { name: 'Adam, both moments kept', open: adam({ carry: 'both' }) },
    {
      name: 'BFGS, anew in each frame',
      open: trustRegion({ model: bfgs, carry: (last) => bfgs(last.rows.length) }),
    },
    { name: 'BFGS, always that of frame 0', open: alwaysOfFrame0() },
  ],
  'measured progress': [
    { name: 'Adam, halved after 5 in vain', open: adam({ rule: { patience: 5, growth: 1 } }) },
    { name: 'Adam, bold driver', open: adam({ rule: { patience: 1, growth: 1.1 } }) },
    // Undefined, so that the default of `projectSequence` holds.
    { name: 'thorough, early stopping', options: { ...thorough(), earlyStopping: undefined } },
    {
      name: 'fast, no encoder, up to 120 + 20, early stopping',
      options: {
        encoder: undefined,
        steps: { look: 0, first: 120, next: 20 },
        earlyStopping: { patience: 4, tolerance: 0.01 },
      },
    },
  ],
  'coarse to fine': [
    { name: 'Adam, LPIPS at 64 first', open: adam({ ask: lpipsFirstAt(64) }) },
    { name: 'Adam, FAN at 128 first', open: adam({ ask: halfLandmarksFirst }) },
    { name: 'BFGS, LPIPS at 64 first', open: trustRegion({ model: bfgs, ask: lpipsFirstAt(64) }) },
    { name: 'BFGS, LPIPS at 128 first', open: trustRegion({ model: bfgs, ask: lpipsFirstAt(128) }) },
    { name: 'BFGS, FAN at 128 first', open: trustRegion({ model: bfgs, ask: halfLandmarksFirst }) },
  ],
  'every k-th step': [
    { name: 'Adam, LPIPS every 2nd step', open: adam({ ask: everyNth(2, 'lpips') }) },
    { name: 'Adam, LPIPS every 4th step', open: adam({ ask: everyNth(4, 'lpips') }) },
    { name: 'Adam, FAN every 2nd step', open: adam({ ask: everyNth(2, 'heatmaps', 'landmarks') }) },
    { name: 'Adam, FAN every 4th step', open: adam({ ask: everyNth(4, 'heatmaps', 'landmarks') }) },
  ],
  coordinates: [
    { name: 'Adam in w', space: 'w', open: adam({ rates: adamRates }) },
    { name: 'Adam in w+', space: 'w+', open: adam({ rates: adamRates }) },
    { name: 'Adam in whitened-w+', space: 'whitened-w+', open: adam() },
    {
      name: 'L-BFGS in whitened-w+',
      space: 'whitened-w+',
      open: trustRegion({ model: () => lbfgs() }),
    },
    {
      name: 'L-BFGS in whitened-w+, all pairs',
      space: 'whitened-w+',
      open: trustRegion({ model: () => lbfgs({ memory: 100 }) }),
    },
    { name: 'thorough in whitened-w+', options: { ...thorough(), space: 'whitened-w+' } },
  ],
  'step sizes of layers': [
    {
      name: 'Adam in whitened-w+, coarse layers faster',
      space: 'whitened-w+',
      open: adam({ ofLayer: (depth) => 2 * 4 ** -depth }),
    },
    {
      name: 'Adam in whitened-w+, fine layers faster',
      space: 'whitened-w+',
      open: adam({ ofLayer: (depth) => 0.5 * 4 ** depth }),
    },
  ],
  'L-BFGS and Anderson': [
    { name: 'gradient steps', open: trustRegion({ model: steepest }) },
    { name: 'L-BFGS, 10 pairs', open: trustRegion({ model: () => lbfgs() }) },
    { name: 'L-BFGS, all pairs', open: trustRegion({ model: () => lbfgs({ memory: 100 }) }) },
    { name: 'L-BFGS, 10 pairs, scaled', open: trustRegion({ model: () => lbfgs({ scaled: true }) }) },
    { name: 'Anderson mixing, 5 steps', open: trustRegion({ model: () => anderson() }) },
  ],
  'first matrix': [
    { name: 'BFGS, from the identity', open: trustRegion({ model: (n) => bfgs(n, 1) }) },
    { name: 'BFGS, from 10 times the identity', open: trustRegion({ model: (n) => bfgs(n, 10) }) },
  ],
  'landmark stages': [
    {
      name: 'fast, no encoder, landmarks from the start',
      options: { encoder: undefined },
      losses: landmarksFromTheStart,
    },
    {
      name: 'thorough, landmarks from the start',
      options: thorough(),
      losses: landmarksFromTheStart,
    },
  ],
  'moved by a thousandth': [
    { name: 'Adam, moved', open: moved(adam()) },
    { name: 'BFGS, moved', open: moved(trustRegion({ model: bfgs })) },
  ],
};

/** The same idea from a slightly moved start, which shows how much results differ by chance. */
function moved(open: () => Minimise): () => Minimise {
  return () => {
    const minimise = open();
    return (problem) => {
      const origin = problem.space.origin.map((x, i) => x + 0.001 * Math.sin(i));
      return minimise({ ...problem, space: { ...problem.space, origin } });
    };
  };
}

/** BFGS whose later frames all start with the final matrix of frame 0. */
function alwaysOfFrame0() {
  return () => {
    let first: Bfgs | undefined;
    const carry = (last: Bfgs) => bfgs((first ??= last).rows);
    return trustRegion({ model: bfgs, carry })();
  };
}

/** The default objective with all landmark terms from the first step. */
function landmarksFromTheStart(networks: LossNetworks): LossTerm[] {
  return identityLosses(networks).map((term) => {
    const { weight } = term;
    return typeof weight === 'number'
      ? term
      : { ...term, weight: weight({ frame: 1, step: 0, steps: 1, progress: 0, encoded: false }) };
  });
}
