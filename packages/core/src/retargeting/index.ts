/**
 * Retargeting: transfers the driver's motion to the face shape of the look. A 3-D landmark model is fitted to both, and the
 * look's shape is drawn with the driver's expression and pose.
 *
 * ```ts
 * const model = await landmarkModel();
 * const clip = await fitClip(model, driverLandmarks);
 * const look = fitFace(model, lookLandmarks, { noise: clip.noise });
 * const targets = retarget({ model, driver: clip, look });
 * ```
 *
 * @module @faceanim/core/retargeting
 */
export * from './blend-expressions';
export * from './fit-clip';
export * from './fit-face';
export type { FrameFit } from './frame-fit';
export { faceShape, type LandmarkModel, shapeLength } from './landmark-model';
export * from './live-fit';
export type { PoseShare } from './pose-share';
export { type Pose, projectShape } from './projection';
export { type RetargetOptions, retarget } from './retarget';
export * from './retargeted';
export { type HeadAngles, headAngles, type RotationVector } from './rotation';
