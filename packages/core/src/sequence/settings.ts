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
  type OptionCheck,
  type OptionChecks,
  oneOf,
  seedCheck,
  trueOrFalse,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import type { ProjectedFrame } from '../contracts/frames';
import type { SynthesisStop } from '../contracts/generator';
import type { LatentStatistics } from '../contracts/latent-statistics';
import type { MotionTarget } from '../contracts/motion-target';
import { checkSquare } from '../images/check-square';
import { checkIbug68 } from '../landmarks/groups';
import { alignmentCheck, checkFaceApplies, faceCheck, missingFaceCheck } from '../landmarks/track-options';
import { isFrameStore, isLatent, isProjectedFrame } from '../latents/latent-source';
import type { LatentSpaceName } from '../latents/latent-space';
import type { LossTerm } from '../losses/loss-term';
import { checkProblem, optimizerCheck } from '../optimization/check-optimizer';
import type { EarlyStopping } from '../optimization/early-stopping';
import type { Optimizer } from '../optimizers/optimizer';
import { quasiNewton } from '../optimizers/quasi-newton';
import { anRgbImage, generatorCheck, landmarkNetCheck, packKeys, perceptualCheck } from '../options';
import { isPreparedClip } from '../parts/prepared-clip';
import { freeLosses, identityLosses } from '../presets/default-losses';
import { landmarkModelCheck } from '../retargeting/landmark-model';
import { retargeted } from '../retargeting/retargeted';
import { defaultSteps, type SequenceSteps } from './default-steps';
import type { ProjectSequenceOptions, RefineOptions } from './options';
import { synthesisStop } from './synthesis-resolution';

/** How frames are refined, with defaults filled in. */
export type RefineSettings = RefineOptions & Required<Pick<RefineOptions, 'window' | 'steps'>>;

/** The options of a run that have defaults, with the defaults filled in. */
export interface Settings {
  /** Absent if the results should have the landmarks of the driver. */
  target: MotionTarget | undefined;
  losses: readonly LossTerm[];
  space: LatentSpaceName;
  optimizer: Optimizer;
  steps: SequenceSteps;
  earlyStopping: EarlyStopping | false;
  every: number;
  window: number;
  /** Where the generator stops in the steps; absent if they draw whole images. */
  stop: SynthesisStop | undefined;
  refine: RefineSettings | undefined;
  seed: number;
  readEvery: number;
}

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
  initial: accepting('a latent {numWs, wDim, data}', isLatent),
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

/** Flags of the command line that are other options in the SDK, and presets that were not called. */
const elsewhere = {
  fast: 'Call the preset: { ...fast() }.',
  thorough: 'Call the preset: { ...thorough() }.',
  referenceMode: 'Call the preset: { ...referenceMode(models) }.',
  identityMode: 'Call the preset: { ...identityMode(models) }.',
  freeMode: 'Call the preset: { ...freeMode(models) }.',
  mouthMode: 'Call the preset: { ...mouthMode(models) }.',
  align: 'Pass tracking: { align }.',
  discriminator: 'Pass it to its loss term: realism({ discriminator }).',
  preset: 'Spread it into the options: { ...fast() } or { ...thorough() }.',
  learningRate: 'Pass optimizer: adam({ learningRate }).',
  latentNoise: 'Pass optimizer: adam({ latentNoise }).',
  reference: 'Spread it into the options: { ...referenceMode(models) }.',
  weights:
    'Pass losses: identityLosses({ ...models, groups }), or without a look freeLosses({ ...models, groups }).',
};

/**
 * Checks all options and fills in defaults, before anything is computed.
 *
 * @param resumed the first frame to resume from.
 */
export function resolveSettings(options: ProjectSequenceOptions, resumed?: ProjectedFrame): Settings {
  checkOptions('projectSequence', options, sequenceChecks, {
    required: requiredOf(options),
    ignored: packKeys,
    elsewhere,
  });
  const {
    look,
    losses = defaultLosses(options),
    space = 'whitened-w',
    optimizer = quasiNewton(),
    earlyStopping = { patience: 15, tolerance: 0.005 },
    every = 1,
    window = 1,
    refine = false,
    seed = 0,
    readEvery = readEveryBefore(options, resumed) ?? (options.backend?.capabilities.gpu ? 10 : 1),
  } = options;
  if (look) checkSquare(look);
  checkFaceApplies(options.tracking ?? {}, 'tracking.');
  const target = targetOf(options);
  checkSpace(optimizer, space, options);
  checkLosses(losses, options, target);
  checkEncoder(options);
  checkInitial(options);
  checkStatistics(options);
  checkNoiseMaps(options);
  return {
    target,
    losses,
    space,
    optimizer,
    steps: stepsOf(options, optimizer, space),
    earlyStopping,
    every,
    window,
    stop: synthesisStop(options, { losses, space }),
    refine: refine ? refineSettings(refine === true ? {} : refine) : undefined,
    seed,
    readEvery,
  };
}

function refineSettings({ window = 6, steps = 6, onFrame, frames }: RefineOptions): RefineSettings {
  if (frames && !onFrame)
    throw new FaceanimError('invalid-option', 'refine.frames holds nothing without refine.onFrame.', {
      hint: 'Pass onFrame, and let it put each frame where frames.at finds it.',
    });
  return { window, steps, onFrame, frames };
}

function stepsOf(
  options: ProjectSequenceOptions,
  optimizer: Optimizer,
  space: LatentSpaceName,
): SequenceSteps {
  const given = options.steps ?? {};
  const missing = lookNeeds(options, space);
  if (missing && given.look) throw lookCannotBeProjected(given.look, missing);
  const usual = defaultSteps(optimizer, missing === undefined && given.look !== 0);
  return {
    look: given.look ?? usual.look,
    first: given.first ?? usual.first,
    next: given.next ?? usual.next,
  };
}

/** What a run lacks that projecting the look needs; undefined if it has all. */
function lookNeeds(
  { look, landmarkNet, noiseMaps }: ProjectSequenceOptions,
  space: LatentSpaceName,
): string | undefined {
  if (!look) return 'a look';
  if (!landmarkNet) return 'landmarkNet';
  if (space !== 'whitened-w') return "space: 'whitened-w'";
  // Which maps are right is not known before frame 0.
  return typeof noiseMaps === 'object' ? 'noise maps that are not optimised' : undefined;
}

function lookCannotBeProjected(steps: number, missing: string): FaceanimError {
  return new FaceanimError(
    'invalid-option',
    `steps.look is ${steps}, but projecting the look needs ${missing}.`,
    { hint: 'Leave steps.look out; it is then 0 where the look cannot be projected.' },
  );
}

/** Early stopping depends on it, so a run goes on as it began, also on another backend. */
function readEveryBefore(
  { driver }: ProjectSequenceOptions,
  resumed: ProjectedFrame | undefined,
): number | undefined {
  const origin = isPreparedClip(driver) ? driver.origin : resumed?.origin;
  const readEvery = origin?.settings.readEvery;
  return typeof readEvery === 'number' ? readEvery : undefined;
}

/** The default losses need their networks. Whether the driver must be tracked is known only at its first frame. */
function requiredOf(options: ProjectSequenceOptions): (keyof ProjectSequenceOptions)[] {
  const { look, losses } = options ?? {};
  if (losses) return ['generator', 'driver'];
  return ['generator', 'driver', 'landmarkNet', ...(look ? (['perceptual'] as const) : [])];
}

function defaultLosses({ look, landmarkNet, perceptual }: ProjectSequenceOptions): LossTerm[] {
  return look
    ? identityLosses({ landmarkNet: landmarkNet!, perceptual: perceptual! })
    : freeLosses({ landmarkNet: landmarkNet! });
}

/**
 * The target of a run.
 *
 * @throws {FaceanimError} `invalid-option` if the run lacks what it needs.
 */
function targetOf(options: ProjectSequenceOptions): MotionTarget | undefined {
  const { landmarkModel, look, landmarkNet } = options;
  const usual = look && landmarkModel && retargeted({ model: landmarkModel });
  const { target = usual } = options;
  if (!target || target === 'driver') return undefined;
  if (!look) {
    throw new FaceanimError('invalid-option', `The target ${target.name} needs a look, but none is given.`, {
      hint: "Pass look, or target: 'driver' to follow the landmarks of the driver.",
    });
  }
  if (!landmarkNet) {
    throw new FaceanimError('invalid-option', `The target ${target.name} needs a landmark network.`, {
      hint: "Pass landmarkNet, e.g. that of avatarPack(), which finds the landmarks of the look, or target: 'driver'.",
    });
  }
  checkIbug68(landmarkNet.points, 'target');
  return target;
}

function checkInitial({ initial, generator: { numWs, wDim } }: ProjectSequenceOptions): void {
  if (!initial || (initial.numWs === numWs && initial.wDim === wDim)) return;
  throw invalidOption(
    'initial',
    `[${initial.numWs}, ${initial.wDim}]`,
    `a latent of shape [${numWs}, ${wDim}]`,
  );
}

/** Throws if the latent statistics belong to another generator. */
export function checkStatistics({
  statistics,
  generator: { wDim },
}: Pick<ProjectSequenceOptions, 'statistics' | 'generator'>): void {
  if (!statistics || !('mean' in statistics)) return;
  const { mean, covariance } = statistics;
  if (statistics.wDim === wDim && mean.length === wDim && covariance.length === wDim ** 2) return;
  throw invalidOption(
    'statistics',
    `of ${statistics.wDim} dimensions`,
    `those of this generator, of ${wDim} dimensions`,
  );
}

function checkNoiseMaps({ noiseMaps, generator }: ProjectSequenceOptions): void {
  if (typeof noiseMaps !== 'object') return;
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
      `one fitted to this generator, whose latents have ${generator.wDim}`,
    );
  }
}

/** Whitened spaces are checked when they are open: only then is their size known. */
function checkSpace(optimizer: Optimizer, space: LatentSpaceName, options: ProjectSequenceOptions): void {
  const { window = 1, generator, noiseMaps } = options;
  const coordinates = {
    w: generator.wDim,
    'w+': generator.wDim * generator.numWs,
    'whitened-w': 0,
    'whitened-w+': 0,
  };
  checkProblem(optimizer, { coordinates: coordinates[space], frames: window }, typeof noiseMaps === 'object');
}

function checkLosses(
  losses: readonly LossTerm[],
  { generator, look, landmarkNet }: ProjectSequenceOptions,
  target: MotionTarget | undefined,
): void {
  if (losses.length === 0) throw invalidOption('losses', losses, 'a list of at least one loss term');
  const names = new Set<string>();
  for (const term of losses) {
    const { name, weight } = term;
    if (names.has(name)) throw invalidOption('losses', name, 'a list of terms with different names');
    names.add(name);
    if (name === '' || name === 'total')
      throw invalidOption(
        'name of a loss term',
        name,
        "a text other than 'total', which is the weighted sum",
      );
    if (term.prepare && !term.prepareForRun && term.relative) throw relativeToFrames(name);
    if (typeof weight === 'number' && !(Number.isFinite(weight) && weight >= 0)) {
      throw invalidOption(`weight of the loss term ${name}`, weight, 'a finite number, 0 or more');
    }
    term.check?.({ generator, look: look !== undefined, targetNet: target && landmarkNet });
  }
}

function relativeToFrames(name: string): FaceanimError {
  return new FaceanimError(
    'invalid-option',
    `The loss term ${name} cannot be relative: it is prepared for each frame.`,
    { hint: 'Leave out relative, or use prepareForRun.' },
  );
}
