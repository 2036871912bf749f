/**
 * Files in Node: writes that are whole or absent, typed errors of the file system, hashes of content.
 *
 * @module @faceanim/media/files
 */
export {
  type AtomicWriteOptions,
  asReadError,
  asWriteError,
  checkFileOutput,
  isStream,
  makeFolder,
  writeAtomically,
  writeFileAtomic,
} from './atomic-write';
export { contentHash } from './content-hash';
export { removeLeftovers } from './temporary-files';
