import type { LossTerm, Requirement } from '../contracts/loss-term';
import { FaceanimError, invalidOption } from '../errors';
import { type LandmarkInput, standardLandmarkInput } from '../landmarks/landmark-input';
import type { LatentSpaceName } from '../optim/latent-space';
import type { OptimizerName } from '../optim/latent-step';
import type { Plateau } from '../optim/optimize-latents';
import { checkMatrixSize } from '../optim/quasi-newton-step';
import type { LearningRateSchedule } from '../optim/schedules';
import { freeLosses, identityLosses } from './defaults';
import type { ProjectSequenceOptions } from './project-sequence';

/** Options of a run that have defaults, with these filled in. */
export interface Settings {
  losses: readonly LossTerm[];
  space: LatentSpaceName;
  optimizer: OptimizerName;
  steps: { first: number; next: number };
  learningRate: { first: LearningRateSchedule; next: LearningRateSchedule };
  plateau: Plateau | false;
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
  if (!(optimizer in defaultSteps)) {
    throw invalidOption('optimizer', optimizer, `one of ${Object.keys(defaultSteps).join(', ')}`);
  }
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

/** Defaults filled in and everything checked, before anything is computed. */
export function resolveSettings(options: ProjectSequenceOptions): Settings {
  const {
    look,
    losses = look ? identityLosses({ encoded: options.encoder !== undefined }) : freeLosses(),
    space = 'whitened-w',
    optimizer = defaultOptimizer(options),
    steps: { first, next } = {},
    learningRate = space.startsWith('whitened') ? { first: 0.07, next: 0.045 } : 0.1,
    plateau = { patience: 15, tolerance: 0.005 },
    landmarkInput = standardLandmarkInput,
    window = 1,
    seed = 0,
    readEvery = options.backend?.capabilities.gpu ? 10 : 1,
  } = options;
  if (!spaces.includes(space)) throw invalidOption('space', space, `one of ${spaces.join(', ')}`);
  checkOptimizer(optimizer, options);
  const steps = { first: first ?? defaultSteps[optimizer].first, next: next ?? defaultSteps[optimizer].next };
  for (const [name, value] of Object.entries({
    'steps.first': steps.first,
    'steps.next': steps.next,
    window,
    readEvery,
  })) {
    if (!Number.isInteger(value) || value < 1) throw invalidOption(name, value, 'a whole number from 1');
  }
  checkLosses(losses, options);
  checkEncoder(options);
  return {
    losses,
    space,
    optimizer,
    steps,
    learningRate: rates(learningRate),
    plateau,
    landmarkInput,
    window,
    seed,
    readEvery,
  };
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
  for (const { rate } of [first, next]) {
    if (!(rate > 0 && rate < Number.POSITIVE_INFINITY))
      throw invalidOption('learningRate', rate, 'a positive number');
  }
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
    critic: options.critic,
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
