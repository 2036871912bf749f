import { FaceanimError } from '@faceanim/tensor/errors';

/**
 * Writes a file of the origin private file system as a whole: the browser replaces it when its stream is closed. Nothing is left
 * of one that fails.
 *
 * @throws FaceanimError `io`
 */
export async function writeFile(
  folder: FileSystemDirectoryHandle,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  try {
    const file = await folder.getFileHandle(name, { create: true });
    const stream = await file.createWritable();
    try {
      await stream.write(bytes as Uint8Array<ArrayBuffer>);
      await stream.close();
    } catch (error) {
      await stream.abort().catch(() => {});
      // Empty if it was made for this.
      if ((await file.getFile()).size === 0) await folder.removeEntry(name);
      throw error;
    }
  } catch (cause) {
    const full = cause instanceof DOMException && cause.name === 'QuotaExceededError';
    throw new FaceanimError('io', `${name} could not be saved: ${full ? 'the storage is full' : cause}.`, {
      file: name,
      cause,
      hint: full ? 'Delete runs that are no longer needed, with deleteSavedFrames().' : undefined,
    });
  }
}
