/**
 * Pictures and video in and out, in browsers: what `@faceanim/media` is where a bundler builds for them.
 *
 * @module @faceanim/media (browsers)
 */
export type { ReadImageOptions } from '../image-options';
export type { ReadVideoOptions, Video, VideoFrame, VideoInfo } from '../video';
export type { ImageStream, WriteFramesOptions } from '../write-frames';
export type { MediaFile } from './media-file';
export { readImage } from './read-image';
export { openVideo, probeVideo, readVideo } from './read-video';
export { type WriteVideoOptions, writeVideo } from './write-video';
