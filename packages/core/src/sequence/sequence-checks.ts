import {
  accepting,
  aFunction,
  anAbortSignal,
  backendCheck,
  bagOf,
  either,
  having,
  iterableOf,
  mapsOfNumbers,
  numberFrom,
  type OptionCheck,
  type OptionChecks,
  oneOf,
  seedCheck,
  trueOrFalse,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import type { LatentStatistics } from '../contracts/latent-statistics';
import { alignmentCheck, faceCheck, missingFaceCheck } from '../landmarks/track-options';
import { guessLatents, isFrameStore, isLatent, isProjectedFrame } from '../latents/latent-source';
import type { LatentSpaceName } from '../latents/latent-space';
import type { LossTerm } from '../losses/loss-term';
import { optimizerCheck } from '../optimization/check-optimizer';
import type { EarlyStopping } from '../optimization/early-stopping';
import { anRgbImage, generatorCheck, landmarkNetCheck, perceptualCheck } from '../options';
import { isPreparedClip } from '../parts/prepared-clip';
import { landmarkModelCheck } from '../retargeting/landmark-model';
import type { ProjectSequenceOptions } from './options';

const spaces: readonly LatentSpaceName[] = ['w', 'w+', 'whitened-w', 'whitened-w+'];

const aList = accepting('a list of loss terms, e.g. identityLosses(models)', Array.isArray);
const aTerm = accepting('a loss term, e.g. prior()', (term) => {
  const { name, value } = (term ?? {}) as Partial<LossTerm>;
  return typeof value === 'function' && typeof name === 'string';
});

const lossTerms: OptionCheck = (value, name) => {
  aList(value, name);
  for (const [i, term] of (value as unknown[]).entries()) aTerm(term, `${name}[${i}]`);
};

/** The checks of all options of a run. */
export const sequenceChecks: OptionChecks<ProjectSequenceOptions> = {
  generator: generatorCheck,
  landmarkNet: landmarkNetCheck,
  perceptual: perceptualCheck,
  backend: backendCheck,
  driver: either(
    'the frames of a driver, e.g. readVideo(file), a function that opens them, or a clip of prepareClip()',
    iterableOf('the frames of a driver'),
    aFunction,
    accepting('a clip of prepareClip()', isPreparedClip),
  ),
  look: anRgbImage,
  tracking: bagOf({
    align: alignmentCheck('frame', 'first', 'none'),
    locate: aFunction,
    minScore: numberFrom(0),
    face: faceCheck,
    onMissingFace: missingFaceCheck,
    smoothing: numberFrom(0),
  }),
  landmarkModel: landmarkModelCheck,
  target: either(
    "'driver' or a target, e.g. retargeted({ model })",
    oneOf('driver'),
    having('a target', 'landmarks'),
  ),
  losses: lossTerms,
  space: oneOf(...spaces),
  optimizer: optimizerCheck,
  steps: bagOf({ look: wholeNumberFrom(0), first: wholeNumberFrom(1), next: wholeNumberFrom(1) }),
  noiseMaps: either(
    "const, none or {optimize: 'first-frame', after: 'keep' or 'checkpoint'}",
    oneOf('const', 'none'),
    bagOf(
      {
        optimize: oneOf('first-frame'),
        after: oneOf('keep', 'checkpoint'),
        initial: mapsOfNumbers,
      },
      ...(['optimize', 'after'] as const),
    ),
  ),
  encoder: having('an encoder, e.g. that of avatarPack() or fitEncoder()', 'encode'),
  // checkInitial compares its shape with the generator's.
  initial: accepting('a latent {numWs, wDim, data}', isLatent, guessLatents),
  statistics: either(
    '{samples, seed} or the result of latentStatistics()',
    bagOf({ samples: wholeNumberFrom(2), seed: seedCheck }),
    bagOf<LatentStatistics>(
      {
        wDim: wholeNumberFrom(1),
        mean: accepting('a Float32Array', (value) => value instanceof Float32Array),
        std: numberFrom(0),
        covariance: accepting('a Float64Array', (value) => value instanceof Float64Array),
        sampled: bagOf({ samples: wholeNumberFrom(2), seed: seedCheck }, 'samples', 'seed'),
      },
      ...(['wDim', 'mean', 'std', 'covariance'] as const),
    ),
  ),
  every: wholeNumberFrom(1),
  synthesisResolution: wholeNumberFrom(1),
  window: wholeNumberFrom(1),
  seed: seedCheck,
  earlyStopping: either(
    'false or {patience, tolerance, after}',
    accepting('false', (value) => value === false),
    bagOf<EarlyStopping>(
      { patience: wholeNumberFrom(1), tolerance: numberFrom(0), after: numberFrom(0, 1) },
      ...(['patience', 'tolerance'] as const),
    ),
  ),
  resume: accepting(
    'a list of projected frames, as decodeFrame returns them, or a store of them {length, at}',
    (value) => (Array.isArray(value) ? value.every(isProjectedFrame) : isFrameStore(value)),
  ),
  resumeChanged: trueOrFalse,
  refine: either(
    'true, false or {window, steps, onFrame}',
    trueOrFalse,
    bagOf({
      window: wholeNumberFrom(2),
      steps: wholeNumberFrom(1),
      onFrame: aFunction,
      frames: having('a store of frames {at}', 'at'),
    }),
  ),
  readEvery: wholeNumberFrom(1),
  frames: wholeNumberFrom(0),
  signal: anAbortSignal,
  onProgress: aFunction,
  onWarning: aFunction,
};

/** Hints for flags of the command line that are other options in the SDK, and for presets that were not called. */
export const elsewhere = {
  fast: 'Call the preset: { ...fast() }.',
  thorough: 'Call the preset: { ...thorough() }.',
  referenceMode: 'Call the preset: { ...referenceMode(models) }.',
  identityMode: 'Call the preset: { ...identityMode(models) }.',
  freeMode: 'Call the preset: { ...freeMode(models) }.',
  mouthMode: 'Call the preset: { ...mouthMode(models) }.',
  align: 'Pass tracking: { align }.',
  discriminator: 'Pass it to its loss term: realism({ net: discriminator }).',
  preset: 'Spread it into the options: { ...fast() } or { ...thorough() }.',
  learningRate: 'Pass optimizer: adam({ learningRate }).',
  latentNoise: 'Pass optimizer: adam({ latentNoise }).',
  reference: 'Spread it into the options: { ...referenceMode(models) }.',
  weights:
    'Pass losses: identityLosses({ ...models, groups }), or without a look freeLosses({ ...models, groups }).',
};
