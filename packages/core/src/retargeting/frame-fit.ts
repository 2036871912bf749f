import { FaceanimError } from '@faceanim/tensor';
import { landmarkCount } from '../landmarks/groups';
import type { Landmarks } from '../landmarks/measures';
import { type FitProblem, type FitState, poseLength, poseOffset } from './fit-problem';
import { continuousPoses, type PlanarPose, planarPose } from './initial-poses';
import { faceShape, type LandmarkModel, landmarkModelCheck } from './landmark-model';
import { type Pose, projectShape } from './projection';

/** The fit of a landmark model to one frame. */
export interface FrameFit {
  /** Coefficients of the model's expression directions, in standard deviations. */
  readonly expression: Float64Array;
  readonly pose: Pose;
  /**
   * Landmarks minus those of the model, in eye distances (divided by the scale of the pose); NaN for missing landmarks.
   */
  readonly residual: Landmarks;
}

/** Landmarks in units of about an eye distance, and their planar poses. */
export function startOf(
  model: LandmarkModel,
  frames: readonly (Landmarks | undefined)[],
): { unit: number; points: Landmarks[]; poses: PlanarPose[] } {
  landmarkModelCheck(model, 'model');
  for (const [t, frame] of frames.entries()) checkLandmarks(frame, t);
  const found = frames.map((frame) => frame && planarPose(model, frame));
  const scales = found.flatMap((pose) => (pose ? [pose.scale] : [])).sort((a, b) => a - b);
  const unit = scales[scales.length >> 1];
  if (unit === undefined) {
    throw new FaceanimError('no-face', 'None of the frames has the landmarks of a face.', {
      hint: 'Pass at least one frame with 12 or more finite landmarks.',
    });
  }
  const missing = new Float64Array(2 * landmarkCount).fill(Number.NaN);
  return {
    unit,
    points: frames.map((frame, t) => (found[t] ? frame!.map((value) => value / unit) : missing)),
    poses: continuousPoses(found).map(({ roll, scale, shift: [x, y] }) => ({
      roll,
      scale: scale / unit,
      shift: [x / unit, y / unit],
    })),
  };
}

/** Throws unless a frame has 68 landmarks or is undefined. */
export function checkLandmarks(frame: unknown, t: number): void {
  if (frame === undefined) return;
  if (frame instanceof Float64Array && frame.length === 2 * landmarkCount) return;
  throw new FaceanimError('invalid-option', `Frame ${t} does not have ${landmarkCount} landmarks.`, {
    frame: t,
    hint: `Pass a Float64Array of ${2 * landmarkCount} numbers, x0, y0, x1, …, as landmarksOf() returns it, with NaN for missing landmarks.`,
  });
}

/** The mean face at rest in planar poses. */
export function initialState(
  { model, identity, ownDeviation }: FitProblem,
  poses: readonly PlanarPose[],
): FitState {
  const expressions = model.expression.length;
  const length = expressions + poseLength;
  const frames = new Float64Array(poses.length * length);
  for (const [t, { roll, scale, shift }] of poses.entries()) {
    // Roll is clockwise, the rotation about the axis towards the camera anticlockwise.
    frames.set([0, 0, -roll, Math.log(scale), ...shift], t * length + expressions);
  }
  const identities = identity ? 0 : model.identity.length;
  const own = !identity && ownDeviation > 0 ? model.mean.length : 0;
  return { frames, shared: new Float64Array(identities + own) };
}

/**
 * The solution that fits stand for: the inverse of {@link framesOf}.
 *
 * @param identity with which they were fitted, if it is to be fitted again.
 */
export function stateOf(
  fits: readonly FrameFit[],
  unit: number,
  identity: Float64Array = new Float64Array(0),
): FitState {
  const length = fits[0]!.expression.length + poseLength;
  const frames = new Float64Array(fits.length * length);
  for (const [t, { expression, pose }] of fits.entries()) {
    const { rotation, scale, shift } = pose;
    const place = [Math.log(scale / unit), shift[0] / unit, shift[1] / unit];
    frames.set([...expression, ...rotation, ...place], t * length);
  }
  return { frames, shared: identity };
}

/** The frames of a solution, in pixels. */
export function framesOf(
  model: LandmarkModel,
  { frames }: FitState,
  identity: Float64Array,
  own: Float64Array | undefined,
  landmarks: readonly (Landmarks | undefined)[],
  unit: number,
): FrameFit[] {
  const expressions = model.expression.length;
  const length = expressions + poseLength;
  return landmarks.map((points, t) => {
    const values = frames.subarray(t * length, (t + 1) * length);
    const expression = values.slice(0, expressions);
    const [rx, ry, rz] = values.subarray(expressions);
    const scale = unit * Math.exp(values[expressions + poseOffset.scale]!);
    const [x, y] = values.subarray(expressions + poseOffset.shift);
    const pose: Pose = { rotation: [rx!, ry!, rz!], scale, shift: [unit * x!, unit * y!] };
    const drawn = projectShape(faceShape(model, identity, expression, own), pose);
    const residual = drawn.map((value, i) => ((points?.[i] ?? Number.NaN) - value) / scale);
    return { expression, pose, residual };
  });
}
