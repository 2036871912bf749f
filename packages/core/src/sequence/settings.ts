import { FaceanimError } from '@faceanim/tensor';
import { checkOptions } from '@faceanim/tensor/options';
import type { ProjectedFrame } from '../contracts/frames';
import type { SynthesisStop } from '../contracts/generator';
import type { MotionTarget } from '../contracts/motion-target';
import { checkSquare } from '../images/check-square';
import { checkIbug68 } from '../landmarks/groups';
import { checkFaceApplies } from '../landmarks/track-options';
import type { LatentSpaceName } from '../latents/latent-space';
import type { LossTerm } from '../losses/loss-term';
import { checkProblem } from '../optimization/check-optimizer';
import type { EarlyStopping } from '../optimization/early-stopping';
import type { Optimizer } from '../optimizers/optimizer';
import { quasiNewton } from '../optimizers/quasi-newton';
import { packKeys } from '../options';
import { isPreparedClip } from '../parts/prepared-clip';
import { freeLosses, identityLosses } from '../presets/default-losses';
import { retargeted } from '../retargeting/retargeted';
import { checkAgainstGenerator } from './check-against-generator';
import { checkLosses } from './check-losses';
import { defaultSteps, type SequenceSteps } from './default-steps';
import type { ProjectSequenceOptions, RefineOptions } from './options';
import { elsewhere, sequenceChecks } from './sequence-checks';
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
  /** The first frame to resume from; absent if there is none. */
  resumed: ProjectedFrame | undefined;
}

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
  const { generator, landmarkNet } = options;
  checkLosses(losses, { generator, look: look !== undefined, targetNet: target && landmarkNet });
  checkAgainstGenerator(options);
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
    resumed,
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

/** Whitened spaces are checked when they are open: only then is their size known. */
function checkSpace(
  optimizer: Optimizer,
  space: LatentSpaceName,
  { window = 1, generator: { wDim, numWs }, noiseMaps }: ProjectSequenceOptions,
): void {
  const coordinates = { w: wDim, 'w+': wDim * numWs, 'whitened-w': 0, 'whitened-w+': 0 }[space];
  checkProblem(optimizer, { coordinates, frames: window }, typeof noiseMaps === 'object');
}
