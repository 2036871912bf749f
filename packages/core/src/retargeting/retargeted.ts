import { invalidOption } from '@faceanim/tensor';
import { accepting, bagOf, checkOptions, finiteNumber, type OptionChecks } from '@faceanim/tensor/options';
import type { MotionTarget } from '../contracts/motion-target';
import type { Landmarks } from '../landmarks/measures';
import type { TrackedFace } from '../landmarks/track';
import { visibleLandmarks } from '../landmarks/visible-landmarks';
import { blendExpressions } from './blend-expressions';
import { type ClipFit, fitClip } from './fit-clip';
import { fitFace } from './fit-face';
import { gainsOf } from './gains';
import { sharesOf } from './pose-share';
import { alignedTarget, drawnTargets, type RetargetOptions, retargetChecks } from './retarget';

/** Expressions of another clip; see {@link RetargetedOptions.blend}. */
export interface BlendedClip {
  /** The 68 landmarks of each frame, e.g. those of `trackClip`; undefined without a face. */
  readonly frames: readonly (Landmarks | undefined)[];
  /** 0 keeps the driver's expressions, 1 uses those of the other clip; values beyond exaggerate. */
  readonly share: number;
}

/** Options of {@link retargeted}. */
export interface RetargetedOptions extends Pick<RetargetOptions, 'model' | 'gain' | 'pose'> {
  /**
   * Where the driver is at rest: the index of a frame in the driver, which holds for its shot, or an expression of a fit; see
   * `neutral` of {@link RetargetOptions}. Default: the driver's expressions as they are.
   */
  readonly neutral?: number | Float64Array;
  /**
   * Another clip whose expressions are blended with those of the driver, also of another person. Its first frame belongs to the
   * driver's first, and its last expression is held. Head poses stay the driver's.
   */
  readonly blend?: BlendedClip;
}

const { model, gain, pose, neutral } = retargetChecks;
const blend = bagOf<BlendedClip>(
  {
    frames: accepting('landmarks of at least one frame', (value) => Array.isArray(value) && value.length > 0),
    share: finiteNumber,
  },
  'frames',
  'share',
);
const checks: OptionChecks<RetargetedOptions> = { model, gain, pose, neutral, blend };

/**
 * A target of `projectSequence`: the driver's expression and pose on the look's own face, as {@link retarget} draws it.
 * Proportions that differ between the two faces then do not count as motion, and the motion can be controlled.
 *
 * Each shot of the driver is fitted by itself. Frames in which no face was found, and landmarks that something hides, get the
 * model's interpolation. A target that does not span a face is held from a frame nearby. Each target is aligned by its own
 * FFHQ quad, whatever `tracking.align` says.
 *
 * @throws FaceanimError `invalid-option`.
 *
 * @example
 * const target = retargeted({ model: await landmarkModel(), gain: { mouth: 1.2 } });
 * projectSequence({ ...models, look, driver, target });
 */
export function retargeted(options: RetargetedOptions): MotionTarget {
  checkOptions('retargeted', options, checks, { required: ['model'] });
  const { model, gain = {}, pose = 'driver', neutral, blend } = options;
  // Throws for unknown groups now, not after tracking.
  gainsOf(gain);
  let other: ClipFit | undefined;
  return {
    specificationVersion: 'v1',
    name: 'retargeted',
    settings: {
      model: sumOf([model.mean, ...model.identity, ...model.expression]),
      ...{ gain, pose: sharesOf(pose), neutral, blend: blend && settingsOf(blend) },
    },
    landmarks: async ({ frames, driver, size, look, signal }) => {
      const known = frames.some(({ found }) => found);
      const clip = await fitClip(
        model,
        // A shot without any face is that of the frame it is held from.
        frames.map((frame) => (known ? visibleLandmarks(frame) : frame.landmarks)),
        { signal },
      );
      const face = fitFace(model, look, { noise: clip.noise });
      const rest = typeof neutral === 'number' ? positionOf(neutral, frames, driver) : neutral;
      other ??= blend && (await fitClip(model, blend.frames, { signal }));
      const start = driver.findIndex(({ index }) => index === frames[0]!.index);
      const blended = other ? blendExpressions(clip, from(start, other), blend!.share) : clip;
      const targets = drawnTargets({ model, driver: blended, look: face, gain, pose, neutral: rest });
      return targets.map((target) => alignedTarget(target, size));
    },
  };
}

/** A clip from a frame on, with at least its last one. */
function from(start: number, { frames, ...clip }: ClipFit): ClipFit {
  return { ...clip, frames: frames.slice(Math.min(start, frames.length - 1)) };
}

/** The share, and numbers by which another clip is noticed. */
function settingsOf({ frames, share }: BlendedClip): Record<string, number> {
  return { share, frames: frames.length, sum: sumOf(frames) };
}

/** A number by which other arrays are noticed. */
function sumOf(arrays: readonly (Float64Array | undefined)[]): number {
  let sum = 0;
  for (const array of arrays) {
    // Magnitudes: the mean shape is centred, so that its values cancel.
    for (const value of array ?? []) if (Number.isFinite(value)) sum += Math.abs(value);
  }
  return sum;
}

/** The position of the neutral frame in its shot; undefined in other shots. */
function positionOf(
  neutral: number,
  frames: readonly TrackedFace[],
  driver: readonly TrackedFace[],
): number | undefined {
  const position = frames.findIndex(({ index }) => index === neutral);
  if (position >= 0) return position;
  if (driver.some(({ index }) => index === neutral)) return undefined;
  const [first, last] = [driver[0]!.index, driver.at(-1)!.index];
  throw invalidOption('neutral', neutral, `the index of a driver frame, ${first} to ${last}`);
}
