/**
 * Pictures and video in and out, in Node.
 *
 * @module @faceanim/media
 */
export type { ReadImageOptions } from '../image-options';
export type { ReadVideoOptions, Video, VideoFrame, VideoInfo } from '../video';
export type { ImageStream, WriteFramesOptions } from '../write-frames';
export { readImage } from './read-image';
export { openVideo, probeVideo, readVideo } from './read-video';
export { checkImageOutput, writeImage } from './write-image';
export { checkVideoOutput, type WriteVideoOptions, type WrittenVideo, writeVideo } from './write-video';
