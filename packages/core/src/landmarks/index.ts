/**
 * Faces in pictures: finding and following one, its 68 landmarks, aligned crops, and measures such as how far a mouth is
 * open. `projectSequence` calls what it needs of this itself.
 *
 * @module @faceanim/core/landmarks
 */
export * from '../images/quad';
export * from '../images/warp';
export * from './decode';
export * from './decode-subpixel';
export * from './detect';
export * from './draw';
export * from './ffhq-quad';
export * from './groups';
export * from './heatmap-shape';
export * from './landmark-input';
export * from './locate';
export * from './measures';
export * from './track';
export type { Alignment, LocateFaceOptions, TrackFacesOptions } from './track-options';
