import { FaceanimError } from '@faceanim/tensor';
import { expect, it } from 'vitest';
import type { LandmarkNet } from '../src/contracts/landmark-net';
import type { PerceptualNet } from '../src/contracts/perceptual-net';
import { locateFace } from '../src/landmarks/locate-face';
import { prepareLook } from '../src/landmarks/prepare-look';
import { trackFaces } from '../src/landmarks/track';
import { trackClip } from '../src/landmarks/track-clip';
import { interpolate } from '../src/latents/interpolate';
import { render } from '../src/latents/render';
import { latentStatistics } from '../src/latents/statistics';
import { openLive } from '../src/live/open-live';
import * as losses from '../src/losses';
import { adam } from '../src/optimizers/adam';
import { quasiNewton } from '../src/optimizers/quasi-newton';
import { freeLosses, identityLosses } from '../src/presets/default-losses';
import { mouthMode } from '../src/presets/modes';
import { referenceMode } from '../src/presets/reference-mode';
import { fitClip, fitFace, liveFit, retarget, retargeted } from '../src/retargeting';
import { projectSequence } from '../src/sequence/project-sequence';
import { model } from './retargeting/bundled-model';

const net = { heatmaps: () => {}, points: 68, heatmapSize: 64 } as unknown as LandmarkNet;
const perceptual = { features: () => [] } as unknown as PerceptualNet;
const generator = { mapping: () => {}, synthesis: () => {}, resolution: 8 };
const image = { width: 1, height: 1, data: new Uint8Array(3) };

const {
  targetHeatmaps: _target,
  imageHeatmaps: _image,
  needsLook: _look,
  checkTargetView: _view,
  posedLook: _posed,
  ...terms
} = losses;

/** All public functions that take options, called with their required options and an unknown one. */
const calls: Record<string, (wrong: object) => unknown> = {
  projectSequence: (wrong) => projectSequence({ generator, driver: [], ...wrong } as never).next(),
  openLive: (wrong) => openLive({ generator, landmarkNet: net, perceptual, look: image, ...wrong } as never),
  trackClip: (wrong) => trackClip([], { landmarkNet: net, ...wrong } as never),
  trackFaces: (wrong) => trackFaces([], { landmarkNet: net, ...wrong } as never).next(),
  locateFace: (wrong) => locateFace(image, { landmarkNet: net, ...wrong } as never),
  prepareLook: (wrong) => prepareLook(image, { generator, landmarkNet: net, ...wrong } as never),
  latentStatistics: (wrong) => latentStatistics(generator as never, wrong),
  interpolate: (wrong) => interpolate([], wrong).next(),
  render: (wrong) => render([], generator as never, wrong).next(),
  fitClip: (wrong) => fitClip({} as never, [], wrong),
  fitFace: (wrong) => fitFace({} as never, new Float64Array(136), wrong),
  liveFit: (wrong) => liveFit({} as never, wrong),
  retarget: (wrong) => retarget({ ...wrong } as never),
  retargeted: (wrong) => retargeted({ ...wrong } as never),
  adam: (wrong) => adam(wrong),
  quasiNewton: (wrong) => quasiNewton(wrong),
  referenceMode: (wrong) => referenceMode({ landmarkNet: net }, wrong),
  mouthMode: (wrong) => mouthMode({ landmarkNet: net, perceptual, landmarkModel: model }, wrong),
  identityLosses: (wrong) => identityLosses(wrong as never),
  freeLosses: (wrong) => freeLosses(wrong as never),
  ...(terms as unknown as Record<string, (wrong: object) => unknown>),
};

it.each(Object.keys(calls))('%s refuses an unknown option', async (name) => {
  const refused = async (wrong: object) => {
    try {
      await calls[name]!(wrong);
      return 'nothing';
    } catch (error) {
      return FaceanimError.isInstance(error, 'invalid-option') ? error.message : error;
    }
  };
  expect(await refused({ wieght: 1 })).toBe(`${name} takes no option "wieght".`);
});

it('a pack can be spread into the options of functions that find faces', async () => {
  const pack = { generator, landmarkNet: net, perceptual, landmarkModel: model, factors: {}, manifest: {} };
  const tooFew = { ...pack, landmarkNet: { ...net, points: 5 } } as never;
  const refused = { message: expect.stringMatching(/needs the 68 iBUG landmarks/) };
  await expect(trackClip([], tooFew)).rejects.toMatchObject(refused);
  await expect(trackFaces([], tooFew).next()).rejects.toMatchObject(refused);
  await expect(locateFace(image, tooFew)).rejects.toMatchObject(refused);
  await expect(prepareLook(image, tooFew)).rejects.toMatchObject(refused);
});

it.each<[string, () => unknown, RegExp, RegExp?]>([
  [
    'NaN as learning rate',
    () => adam({ learningRate: Number.NaN }),
    /^adam\.learningRate must be a positive number, .* got NaN/,
  ],
  ...(
    [
      ['no rate', { learningRate: {} }, /^adam\.learningRate\.rate must be a positive number, got undefined/],
      ['a rate of the first frame alone', { learningRate: { first: 0.1 } }, /^adam\.learningRate\.next must/],
      ['a first moment that never forgets', { beta1: 1 }, /^adam\.beta1 must be a number from 0 to below 1/],
      ['a second moment that never forgets', { beta2: 1 }, /^adam\.beta2 must be a number from 0 to below 1/],
      ['latent noise without a factor', { latentNoise: {} }, /^adam\.latentNoise\.factor must/],
    ] as const
  ).map(([what, options, message]): [string, () => unknown, RegExp] => [
    what,
    () => adam(options as never),
    message,
  ]),
  [
    'no trust radius',
    () => quasiNewton({ trustRadius: 0 }),
    /^quasiNewton\.trustRadius must be a positive number/,
  ],
  [
    'the weight of a term',
    () => losses.heatmaps({ net, weight: Number.NaN }),
    /^heatmaps\.weight must be a finite number, 0 or more, or a function of the step, got NaN/,
  ],
  [
    'the form of a term',
    () => losses.heatmaps({ net, form: 'relativ' as 'published' }),
    /^heatmaps\.form/,
    /Did you mean relative\?/,
  ],
  [
    'a misspelt option of a term',
    () => losses.prior({ layer: 1 } as object),
    /layer/,
    /Did you mean prior\.layers\?/,
  ],
  [
    'weights by name, which are set in the list',
    () => freeLosses({ landmarkNet: net, weights: { prior: 1 } } as never),
    /^freeLosses takes no option "weights"/,
    /\.map\(\(term\) =>/,
  ],
  [
    'a misspelt group',
    () => freeLosses({ landmarkNet: net, groups: { innerLips: 3 } }),
    /innerLips/,
    /Did you mean innerLip\?/,
  ],
])('refuses %s', (_, run, message, hint = /^$/) => {
  try {
    run();
  } catch (error) {
    expect(FaceanimError.isInstance(error, 'invalid-option')).toBe(true);
    expect((error as FaceanimError).message).toMatch(message);
    expect((error as FaceanimError).hint ?? '').toMatch(hint);
    return;
  }
  expect.unreachable();
});
