import { invalidOption } from '@faceanim/tensor';
import { checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import type { MotionTarget } from '../contracts/motion-target';
import { ibug68, landmarkWeights } from '../landmarks/groups';
import type { AlignedFrame } from '../landmarks/track';
import { fitClip } from './fit-clip';
import { fitFace } from './fit-face';
import { sharesOf } from './pose-share';
import { alignedTarget, drawnTargets, type RetargetOptions, retargetChecks } from './retarget';

/** Options of {@link retargeted}. */
export interface RetargetedOptions extends Pick<RetargetOptions, 'model' | 'gain' | 'pose'> {
  /**
   * Where the driver is at rest: the index of a frame in the driver, or an expression of a fit; see `neutral` of
   * {@link RetargetOptions}. Default: the driver's expressions as they are.
   */
  readonly neutral?: number | Float64Array;
}

const { model, gain, pose, neutral } = retargetChecks;
const checks: OptionChecks<RetargetedOptions> = { model, gain, pose, neutral };

/**
 * A target of `projectSequence`: the driver's expression and pose on the look's own face, as {@link retarget} draws it.
 * Proportions that differ between the two faces then do not count as motion, and the motion can be controlled.
 *
 * The driver should be one shot, and all its frames are tracked first; see `target` of `ProjectSequenceOptions`. Each target
 * is aligned by its own FFHQ quad, whatever `tracking.align` says.
 *
 * @throws FaceanimError `invalid-option`; in the run, `no-face` with the driver frame whose target does not span a face.
 *
 * @example
 * const target = retargeted({ model: await landmarkModel(), gain: { mouth: 1.2 } });
 * projectSequence({ ...models, look, driver, target });
 */
export function retargeted(options: RetargetedOptions): MotionTarget {
  checkOptions('retargeted', options, checks, { required: ['model'] });
  const { model, gain = {}, pose = 'driver', neutral } = options;
  // Throws for unknown groups now, not after tracking.
  landmarkWeights(gain, ibug68);
  return {
    specificationVersion: 'v1',
    name: 'retargeted',
    settings: { gain, pose: sharesOf(pose), neutral },
    landmarks: async ({ frames, look }) => {
      const clip = await fitClip(
        model,
        frames.map(({ landmarks }) => landmarks),
      );
      const face = fitFace(model, look, { noise: clip.noise });
      const rest = typeof neutral === 'number' ? positionOf(neutral, frames) : neutral;
      const targets = drawnTargets({ model, driver: clip, look: face, gain, pose, neutral: rest });
      return targets.map((target, t) => alignedTarget(target, frames[t]!.image.width, frames[t]!.index));
    },
  };
}

function positionOf(neutral: number, frames: readonly AlignedFrame[]): number {
  const position = frames.findIndex(({ index }) => index === neutral);
  if (position >= 0) return position;
  throw invalidOption(
    'neutral',
    neutral,
    `the index of a driver frame, ${frames[0]!.index} to ${frames.at(-1)!.index}`,
  );
}
