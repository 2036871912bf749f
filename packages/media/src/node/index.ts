/** @packageDocumentation Pictures and video in and out. */
export { type ReadImageOptions, readImage } from './read-image';
export { probeVideo, type ReadVideoOptions, readVideo } from './read-video';
export type { VideoFrame, VideoInfo } from './video-source';
export { folderFps } from './video-source';
export { checkImageOutput, writeImage } from './write-image';
export { checkVideoOutput, type WriteVideoOptions, type WrittenVideo, writeVideo } from './write-video';
