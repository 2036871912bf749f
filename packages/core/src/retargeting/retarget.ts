import { FaceanimError, invalidOption } from '@faceanim/tensor';
import { accepting, checkOptions, type OptionChecks, positiveNumber } from '@faceanim/tensor/options';
import { imageToQuad } from '../images/quad';
import { ffhqQuad } from '../landmarks/ffhq-quad';
import type { GroupWeights } from '../landmarks/groups';
import type { Landmarks } from '../landmarks/measures';
import type { ClipFit } from './fit-clip';
import type { FaceFit } from './fit-face';
import { gainsOf } from './gains';
import {
  addDirections,
  faceShape,
  type LandmarkModel,
  landmarkModelCheck,
  shapeLength,
} from './landmark-model';
import { motionLeftOver } from './motion-left-over';
import { type PoseShare, poseShareCheck, sharedRotation } from './pose-share';
import { drawShape } from './projection';

/** Options of {@link retarget}. */
export interface RetargetOptions {
  /** The model with which both were fitted. */
  readonly model: LandmarkModel;
  /** The motion: the result of {@link fitClip}, or frames of a {@link liveFit}. */
  readonly driver: Pick<ClipFit, 'frames'>;
  /** The face: the result of {@link fitFace}. */
  readonly look: FaceFit;
  /**
   * Factors by landmark group for the motion away from the face at rest, 0 or more: `{ mouth: 1.2 }` exaggerates the mouth.
   * With 0, a group stays as it is in the look. Default 1.
   */
  readonly gain?: GroupWeights;
  /** Whose head pose the targets have. Default `driver`. */
  readonly pose?: PoseShare;
  /**
   * The neutral expression of the driver: the index of a frame, or an expression from a fit. Motion is then relative to it, and
   * starts from the look's expression. This removes what the fit mistakes for an expression, provided that the driver is
   * really at rest there. Default: the driver's expressions are used as they are.
   */
  readonly neutral?: number | Float64Array;
  /** Width and height of the aligned picture in pixels; with 1, targets are fractions of it. Default 256. */
  readonly size?: number;
}

/** Checks of {@link RetargetOptions}. */
export const retargetChecks: OptionChecks<RetargetOptions> = {
  model: landmarkModelCheck,
  driver: accepting('a clip fitted by fitClip()', (value) => {
    const { frames } = (value ?? {}) as Partial<ClipFit>;
    return Array.isArray(frames) && frames.length > 0;
  }),
  look: accepting('a face fitted by fitFace()', (value) => {
    const { own, identity } = (value ?? {}) as Partial<FaceFit>;
    return own instanceof Float64Array && identity instanceof Float64Array;
  }),
  gain: accepting(
    'weights of landmark groups',
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  ),
  pose: poseShareCheck,
  neutral: accepting(
    'the index of a frame, or an expression of a fit',
    (value) => Number.isInteger(value) || value instanceof Float64Array,
  ),
  size: positiveNumber,
};

/**
 * Computes target landmarks: the face shape of the look with expression and pose of the driver, plus the driver's motion that
 * the model cannot represent. Each frame is aligned by its own FFHQ quad, as generators draw faces.
 *
 * @returns landmarks for each frame of the driver, in pixels of the aligned picture.
 * @throws FaceanimError `invalid-option`; `no-face` with the frame whose targets do not span a face.
 *
 * @example
 * const clip = await fitClip(model, frames.map(({ landmarks }) => landmarks));
 * const look = fitFace(model, lookLandmarks, { noise: clip.noise });
 * const targets = retarget({ model, driver: clip, look, gain: { mouth: 1.2 } });
 */
export function retarget(options: RetargetOptions): Landmarks[] {
  checkOptions('retarget', options, retargetChecks, { required: ['model', 'driver', 'look'] });
  const { size = 256 } = options;
  return drawnTargets(options).map((target, t) => {
    const aligned = alignedTarget(target, size);
    if (aligned) return aligned;
    throw new FaceanimError('no-face', `The target of frame ${t} does not span a face.`, {
      frame: t,
      hint: 'Use smaller gains, or skip the frame.',
    });
  });
}

/** The targets of {@link retarget} before they are aligned, in eye distances. */
export function drawnTargets(options: RetargetOptions): Landmarks[] {
  const { model, driver, look, gain = {}, pose = 'driver' } = options;
  checkSameModel(options);
  const neutral = neutralOf(options);
  const gains = gainsOf(gain);
  const atRest = neutral ? look.expression : new Float64Array(model.expression.length);
  const rest = faceShape(model, look.identity, atRest, look.own);
  // What a gain below 1 leaves room for. With a neutral frame, the face at rest has it already.
  const still = new Float64Array(shapeLength);
  if (!neutral) addDirections(still, model.expression, look.expression);
  const leftOver = motionLeftOver(driver.frames.map(({ residual }) => residual));
  return driver.frames.map((frame, t) => {
    const motion = new Float64Array(shapeLength);
    const away = neutral ? frame.expression.map((value, k) => value - neutral[k]!) : frame.expression;
    addDirections(motion, model.expression, away);
    const shape = rest.map((value, i) => {
      const gain = gains[Math.floor(i / 3)]!;
      return value + gain * motion[i]! + Math.max(0, 1 - gain) * still[i]!;
    });
    const rotation = sharedRotation(look.pose.rotation, frame.pose.rotation, pose);
    const target = drawShape(shape, rotation);
    for (let i = 0; i < target.length; i++) target[i]! += gains[i >> 1]! * leftOver[t]![i]!;
    return target;
  });
}

function checkSameModel({ model, driver, look }: RetargetOptions): void {
  const [identities, expressions] = [model.identity.length, model.expression.length];
  if (look.identity.length !== identities) {
    throw invalidOption(
      'look',
      look.identity.length,
      `a face of this model, with ${identities} coefficients of identity`,
    );
  }
  for (const { expression } of [look, ...driver.frames]) {
    if (expression.length === expressions) continue;
    throw invalidOption(
      'driver',
      expression.length,
      `a clip of this model, with ${expressions} coefficients of expression`,
    );
  }
}

function neutralOf({ driver: { frames }, neutral, model }: RetargetOptions): Float64Array | undefined {
  if (neutral === undefined) return undefined;
  const expression = typeof neutral === 'number' ? frames[neutral]?.expression : neutral;
  if (!expression) throw invalidOption('neutral', neutral, `a frame from 0 to ${frames.length - 1}`);
  if (expression.length !== model.expression.length) {
    throw invalidOption('neutral', expression.length, `${model.expression.length} coefficients`);
  }
  return expression;
}

/** Landmarks in pixels of the picture that their own FFHQ quad cuts out; undefined if they do not span a face. */
export function alignedTarget(landmarks: Landmarks, size: number): Landmarks | undefined {
  const quad = ffhqQuad(landmarks);
  return quad && imageToQuad(landmarks, quad, size);
}
