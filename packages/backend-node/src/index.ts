/** @packageDocumentation `@faceanim/core` in Node: tensor runtimes, pictures and video in and out. */
export {
  type AtomicWriteOptions,
  asReadError,
  asWriteError,
  checkFileOutput,
  isStream,
  makeFolder,
  writeAtomically,
  writeFileAtomic,
} from './files';
export { type ContactSheetOptions, contactSheet } from './media/contact-sheet';
export { contentHash } from './media/content-hash';
export { type ChartSeries, type LineChartOptions, lineChart } from './media/line-chart';
export { type ReadImageOptions, readImage } from './media/read-image';
export { probeVideo, type ReadVideoOptions, readVideo } from './media/read-video';
export type { VideoFrame, VideoInfo } from './media/video-source';
export { folderFps } from './media/video-source';
export { checkImageOutput, writeImage } from './media/write-image';
export { checkVideoOutput, type WriteVideoOptions, type WrittenVideo, writeVideo } from './media/write-video';
export { backendNames, openBackend } from './open-backend';
export { removeLeftovers } from './temporary-files';
