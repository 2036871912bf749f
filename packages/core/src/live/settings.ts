import { FaceanimError } from '@faceanim/tensor';
import {
  bagOf,
  checkOptions,
  numberFrom,
  type OptionChecks,
  oneOf,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import { checkIbug68 } from '../landmarks/groups';
import { faceCheck, trackChecks } from '../landmarks/track-options';
import { quasiNewton } from '../optimizers/quasi-newton';
import { packKeys } from '../options';
import { gainsOf } from '../retargeting/gains';
import { retargetChecks } from '../retargeting/retarget';
import { defaultSteps } from '../sequence/default-steps';
import type { ProjectSequenceOptions } from '../sequence/options';
import { sequenceChecks } from '../sequence/sequence-checks';
import { resolveSettings, type Settings } from '../sequence/settings';
import type { LiveOptions } from './options';

/** The options of a live session with defaults filled in. */
export interface LiveSettings {
  /** The session as a run without a driver, and its settings. */
  readonly run: ProjectSequenceOptions;
  readonly settings: Settings;
  readonly budgetMs: number;
  /** The most steps of a frame. */
  readonly most: number;
  readonly lag: number;
}

const { generator, landmarkNet, perceptual, encoder, landmarkModel, look, losses, optimizer } =
  sequenceChecks;
const { statistics, seed, backend, signal, onProgress, onWarning } = sequenceChecks;
const { locate, minScore, smoothing } = trackChecks;

/** With one or two steps a frame nothing takes back a step that is too long: the face would tremble. */
const shortSteps = () => quasiNewton({ trustRadius: 0.06 });

const checks: OptionChecks<LiveOptions> = {
  ...{ generator, landmarkNet, perceptual, encoder, landmarkModel, look, losses, optimizer },
  ...{ statistics, seed, backend, signal, onProgress, onWarning },
  gain: retargetChecks.gain,
  pose: retargetChecks.pose,
  budgetMs: numberFrom(0),
  steps: bagOf<NonNullable<LiveOptions['steps']>>({ look: wholeNumberFrom(1), most: wholeNumberFrom(1) }),
  target: oneOf('retargeted', 'driver'),
  lag: wholeNumberFrom(0, 10),
  tracking: bagOf<NonNullable<LiveOptions['tracking']>>({ face: faceCheck, locate, minScore, smoothing }),
};

/**
 * Checks the options of `openLive` and fills in defaults.
 *
 * @throws {FaceanimError} `invalid-option`.
 */
export function liveSettings(options: LiveOptions): LiveSettings {
  checkOptions('openLive', options, checks, {
    required: ['generator', 'landmarkNet', 'look', ...(options?.losses ? [] : (['perceptual'] as const))],
    ignored: packKeys,
    elsewhere: { driver: 'Pass it to animate() of the session.' },
  });
  const { budgetMs = 40, steps = {}, lag = 0, optimizer = shortSteps(), ...rest } = options;
  const { target, gain, pose, tracking, ...run } = rest;
  checkIbug68(options.landmarkNet.points, 'openLive');
  // Throws for unknown groups.
  gainsOf(gain ?? {});
  if (target === 'retargeted' && !options.landmarkModel) {
    throw new FaceanimError('invalid-option', "The target 'retargeted' needs a landmark model.", {
      hint: "Pass landmarkModel, e.g. that of avatarPack(), or target: 'driver'.",
    });
  }
  const asRun: ProjectSequenceOptions = {
    ...run,
    optimizer,
    driver: [],
    steps: { look: steps.look },
    target: target === 'driver' ? target : undefined,
    tracking: tracking?.minScore === undefined ? undefined : { minScore: tracking.minScore },
  };
  const settings = resolveSettings(asRun);
  if (!settings.target) refuseMotion({ gain, pose, lag: options.lag });
  else if (tracking?.smoothing !== undefined) {
    throw new FaceanimError('invalid-option', "tracking.smoothing applies to the target 'driver' only.", {
      hint: 'Leave it out; lag: 1 makes a motion steadier that is put on the look.',
    });
  }
  const { next } = defaultSteps(settings.optimizer, true);
  return { run: asRun, settings, budgetMs, most: steps.most ?? next, lag };
}

/** Refuses options of the motion on the look's face where the landmarks of the driver are the target. */
function refuseMotion(options: Pick<LiveOptions, 'gain' | 'pose' | 'lag'>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    throw new FaceanimError('invalid-option', `${name} does not apply to the target 'driver'.`, {
      hint: "Leave it out, or pass a landmarkModel and no target: 'driver'.",
    });
  }
}
