/**
 * Files in Node: writes that leave a whole file or none, typed errors for what the system refuses, hashes of content.
 *
 * @module @faceanim/media/files
 */
export type { WriteFileOptions, WriteOptions } from '../image-output';
export {
  checkFileOutput,
  isStream,
  writeAtomically,
  writeFileAtomic,
} from './atomic-write';
export { contentHash } from './content-hash';
export { makeFolder } from './make-folder';
export { pictureNames } from './picture-names';
export { asReadError, asWriteError } from './system-errors';
export { forgetTemporary, isTemporaryName, removeLeftovers, temporaryName } from './temporary-files';
