/**
 * Faces in pictures: finding and tracking a face, its 68 landmarks, aligned crops, and measures such as how far the mouth
 * is open. `projectSequence` does the tracking and cropping itself.
 *
 * @module @faceanim/core/landmarks
 */
export * from '../images/quad';
export * from '../images/warp';
export * from './decode';
export * from './decode-subpixel';
export * from './detect';
export * from './draw';
export type { PlainFrame } from './driver-frames';
export * from './ffhq-quad';
export * from './groups';
export * from './heatmap-shape';
export * from './landmark-input';
export * from './locate';
export { type LocatedFace, locateFace } from './locate-face';
export * from './measures';
export type { OneEuroOptions } from './one-euro';
export { type AlignedFrame, type TrackedFace, trackFaces } from './track';
export { type ClipFrame, trackClip } from './track-clip';
export type {
  Alignment,
  FaceChoice,
  LocateFaceOptions,
  MissingFace,
  TrackClipOptions,
  TrackFacesOptions,
  TrackOptions,
} from './track-options';
export * from './visible-landmarks';
