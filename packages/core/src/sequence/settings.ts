import { FaceanimError, invalidOption } from '@faceanim/tensor';
import {
  accepting,
  aFunction,
  anAbortSignal,
  backendCheck,
  bagOf,
  checkOptions,
  either,
  having,
  iterableOf,
  mapsOfNumbers,
  numberFrom,
  type OptionChecks,
  oneOf,
  positiveNumber,
  seedCheck,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import type { LossTerm, Requirement } from '../contracts/loss-term';
import { checkSquare } from '../images/check-square';
import { type LandmarkInput, standardLandmarkInput } from '../landmarks/landmark-input';
import { alignmentCheck, smoothingCheck } from '../landmarks/track-options';
import type { AdamOptions } from '../optim/adam';
import type { LatentSpaceName } from '../optim/latent-space';
import type { OptimizerName } from '../optim/latent-step';
import type { EarlyStopping } from '../optim/optimize-latents';
import { checkMatrixSize } from '../optim/quasi-newton-step';
import type { LatentNoiseSchedule, LearningRateSchedule } from '../optim/schedules';
import type { LatentStatistics } from '../optim/statistics';
import { anRgbImage, generatorCheck, landmarkNetCheck, ofPacks } from '../options';
import { freeLosses, identityLosses } from '../presets/default-losses';
import { isLatent, isProjectedFrame } from './latent-source';
import type { ProjectSequenceOptions } from './options';

/** Options of a run that have defaults, with these filled in. */
export interface Settings {
  losses: readonly LossTerm[];
  space: LatentSpaceName;
  optimizer: OptimizerName;
  steps: { first: number; next: number };
  learningRate: { first: LearningRateSchedule; next: LearningRateSchedule };
  earlyStopping: EarlyStopping | false;
  landmarkInput: LandmarkInput;
  window: number;
  seed: number;
  readEvery: number;
}

const spaces: readonly LatentSpaceName[] = ['w', 'w+', 'whitened-w', 'whitened-w+'];

/** `fast` and, with Adam, the original's. */
const defaultSteps = { 'quasi-newton': { first: 60, next: 10 }, adam: { first: 300, next: 50 } };

/** Quasi-Newton steps where they were measured to pay, and nothing was asked for that only Adam has. */
function defaultOptimizer(options: ProjectSequenceOptions): OptimizerName {
  const { space = 'whitened-w', learningRate } = options;
  const plain = space === 'whitened-w' && learningRate === undefined && !needsAdam(options);
  return plain ? 'quasi-newton' : 'adam';
}

function needsAdam({ adam, latentNoise, noiseMaps }: ProjectSequenceOptions): boolean {
  return adam !== undefined || latentNoise !== undefined || typeof noiseMaps === 'object';
}

function checkOptimizer(optimizer: OptimizerName, options: ProjectSequenceOptions): void {
  if (optimizer === 'quasi-newton' && needsAdam(options)) {
    throw invalidOption(
      'optimizer',
      optimizer,
      'adam, as adam, latentNoise and optimised noise maps need it',
    );
  }
  // How many coordinates a whitened space has is known once there are statistics; it is checked then.
  const { space, window = 1, generator } = options;
  if (optimizer === 'quasi-newton' && (space === 'w' || space === 'w+')) {
    checkMatrixSize(generator.wDim * (space === 'w' ? 1 : generator.numWs), window);
  }
}

const lossTerms = accepting(
  'a list of loss terms, e.g. identityLosses()',
  (value) =>
    Array.isArray(value) &&
    value.every((term) => typeof term?.value === 'function' && typeof term.name === 'string'),
);

/** What each option of a run takes. */
export const sequenceChecks: OptionChecks<ProjectSequenceOptions> = {
  generator: generatorCheck,
  landmarkNet: landmarkNetCheck,
  perceptual: having('a perceptual network, e.g. that of avatarPack() or loadLpips()', 'features'),
  discriminator: having('a discriminator, e.g. that of loadDiscriminator()', 'logits'),
  backend: backendCheck,
  driver: iterableOf('the frames of a driver, e.g. readVideo(file)'),
  look: anRgbImage,
  tracking: bagOf({
    align: alignmentCheck('frame', 'first', 'none'),
    locate: aFunction,
    minScore: numberFrom(0),
    smoothing: smoothingCheck,
  }),
  losses: lossTerms,
  space: oneOf(...spaces),
  optimizer: oneOf('quasi-newton', 'adam'),
  steps: bagOf({ first: wholeNumberFrom(1), next: wholeNumberFrom(1) }),
  learningRate: either(
    'a positive number, {rate, rampUp, rampDown, offset} or {first, next}',
    positiveNumber,
    bagOf({
      rate: positiveNumber,
      rampUp: numberFrom(0, 1),
      rampDown: numberFrom(0, 1),
      offset: accepting('0 or 1', (value) => value === 0 || value === 1),
    }),
    bagOf({ first: positiveNumber, next: positiveNumber }),
  ),
  adam: bagOf<AdamOptions>({ beta1: numberFrom(0, 1), beta2: numberFrom(0, 1), epsilon: numberFrom(0) }),
  latentNoise: bagOf<LatentNoiseSchedule>({ factor: numberFrom(0), ramp: positiveNumber }),
  noiseMaps: either(
    "const, none or {optimize: 'first-frame', after: 'keep' or 'checkpoint'}",
    oneOf('const', 'none'),
    bagOf({
      optimize: oneOf('first-frame'),
      after: oneOf('keep', 'checkpoint'),
      initial: mapsOfNumbers,
    }),
  ),
  encoder: having('an encoder, e.g. that of avatarPack() or fitEncoder()', 'encode'),
  // Its shape is that of the generator.
  initial: accepting('a latent {numWs, wDim, data}', isLatent),
  statistics: either(
    '{samples, seed} or what latentStatistics() gave',
    bagOf({ samples: wholeNumberFrom(2), seed: seedCheck }),
    bagOf<LatentStatistics>({
      wDim: wholeNumberFrom(1),
      mean: accepting('a Float32Array', (value) => value instanceof Float32Array),
      std: numberFrom(0),
      covariance: accepting('a Float64Array', (value) => value instanceof Float64Array),
    }),
  ),
  window: wholeNumberFrom(1),
  seed: seedCheck,
  earlyStopping: either(
    'false or {patience, tolerance, after}',
    accepting('false', (value) => value === false),
    bagOf<EarlyStopping>({ patience: wholeNumberFrom(1), tolerance: numberFrom(0), after: numberFrom(0, 1) }),
  ),
  landmarkInput: aFunction,
  target: oneOf('driver', 'drawn-landmarks'),
  resume: accepting(
    'a list of projected frames, as decodeFrame gives them',
    (value) => Array.isArray(value) && value.every(isProjectedFrame),
  ),
  readEvery: wholeNumberFrom(1),
  frames: wholeNumberFrom(0),
  signal: anAbortSignal,
  onProgress: aFunction,
};

/** What the command line has as flags, and the SDK as functions. */
const elsewhere = {
  align: 'Pass tracking: { align }.',
  preset: 'Leave it out for fast; for thorough spread it into the options: { ...thorough() }.',
  reference: 'Spread it into the options: { ...referenceMode() }.',
  weights: 'Pass losses: identityLosses({ groups }), or without a look freeLosses({ groups }).',
};

/** Defaults filled in and everything checked, before anything is computed. */
export function resolveSettings(options: ProjectSequenceOptions): Settings {
  checkOptions('projectSequence', options, sequenceChecks, {
    required: ['generator', 'driver'],
    ignored: ofPacks,
    elsewhere,
  });
  const {
    look,
    losses = look ? identityLosses({ encoded: options.encoder !== undefined }) : freeLosses(),
    space = 'whitened-w',
    optimizer = defaultOptimizer(options),
    steps: { first, next } = {},
    learningRate = space.startsWith('whitened') ? { first: 0.07, next: 0.045 } : 0.1,
    earlyStopping = { patience: 15, tolerance: 0.005 },
    landmarkInput = standardLandmarkInput,
    window = 1,
    seed = 0,
    readEvery = options.backend?.capabilities.gpu ? 10 : 1,
  } = options;
  if (look) checkSquare(look);
  checkOptimizer(optimizer, options);
  const steps = { first: first ?? defaultSteps[optimizer].first, next: next ?? defaultSteps[optimizer].next };
  checkLosses(losses, options);
  checkEncoder(options);
  checkInitial(options);
  checkStatistics(options);
  checkNoiseMaps(options);
  return {
    losses,
    space,
    optimizer,
    steps,
    learningRate: rates(learningRate),
    earlyStopping,
    landmarkInput,
    window,
    seed,
    readEvery,
  };
}

function checkInitial({ initial, generator: { numWs, wDim } }: ProjectSequenceOptions): void {
  if (!initial || (initial.numWs === numWs && initial.wDim === wDim)) return;
  throw invalidOption(
    'initial',
    `one of [${initial.numWs}, ${initial.wDim}]`,
    `a latent of [${numWs}, ${wDim}]`,
  );
}

/** Refuses latent statistics of another generator. */
export function checkStatistics({
  statistics,
  generator: { wDim },
}: Pick<ProjectSequenceOptions, 'statistics' | 'generator'>): void {
  if (!statistics || !('mean' in statistics)) return;
  const { mean, covariance } = statistics;
  if (statistics.wDim === wDim && mean.length === wDim && covariance.length === wDim ** 2) return;
  throw invalidOption(
    'statistics',
    `some of ${statistics.wDim} dimensions`,
    `those of the generator, of ${wDim}`,
  );
}

function checkNoiseMaps({ noiseMaps, generator }: ProjectSequenceOptions): void {
  if (typeof noiseMaps !== 'object') return;
  if (!noiseMaps.optimize) throw invalidOption('noiseMaps.optimize', undefined, 'first-frame');
  if (!noiseMaps.after) throw invalidOption('noiseMaps.after', undefined, 'one of keep, checkpoint');
  for (const [name, { length }] of Object.entries(noiseMaps.initial ?? {})) {
    const map = generator.noiseMaps[name];
    const names = Object.keys(generator.noiseMaps).join(', ');
    if (!map) throw invalidOption('noiseMaps.initial', name, `maps of the layers ${names}`);
    if (map.size !== length)
      throw invalidOption(`noiseMaps.initial.${name}`, `${length} numbers`, `a map [${map.shape}]`);
  }
}

function checkEncoder({ encoder, generator }: ProjectSequenceOptions): void {
  if (encoder && encoder.wDim !== generator.wDim) {
    throw invalidOption(
      'encoder',
      `one for latents of ${encoder.wDim} numbers`,
      `one that was fitted to this generator, whose latents have ${generator.wDim}`,
    );
  }
}

function rates(given: NonNullable<ProjectSequenceOptions['learningRate']>): Settings['learningRate'] {
  const all = typeof given === 'number' ? { rate: given } : given;
  const { first, next } =
    'rate' in all ? { first: all, next: all } : { first: { rate: all.first }, next: { rate: all.next } };
  return { first, next };
}

function checkLosses(losses: readonly LossTerm[], options: ProjectSequenceOptions): void {
  if (losses.length === 0) throw invalidOption('losses', losses, 'a list of at least one loss term');
  const names = new Set<string>();
  const given: Record<Requirement, unknown> = {
    look: options.look,
    driver: options.driver,
    perceptual: options.perceptual,
    landmarkNet: options.landmarkNet,
    discriminator: options.discriminator,
  };
  for (const { name, weight, requires = [] } of losses) {
    if (names.has(name)) throw invalidOption('losses', name, 'a list of terms with different names');
    names.add(name);
    if (typeof weight === 'number' && !(Number.isFinite(weight) && weight >= 0)) {
      throw invalidOption(`weight of the loss term ${name}`, weight, 'a finite number from 0');
    }
    const missing = requires.find((requirement) => given[requirement] === undefined);
    if (missing) {
      throw new FaceanimError(
        'invalid-option',
        `The loss term ${name} needs ${missing}, which is not given.`,
        {
          hint: `Pass ${missing} to projectSequence, or leave ${name} out of losses.`,
        },
      );
    }
  }
}
