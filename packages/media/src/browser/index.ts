export { aiComment, withAiTag } from '../ai-generated';
export type * from '../index';
export { inputName } from '../inputs';
export { readImage } from './read-image';
export { openVideo, probeVideo, readVideo } from './read-video';
export { checkImageOutput, writeImage } from './write-image';
export { checkVideoOutput, writeVideo } from './write-video';
