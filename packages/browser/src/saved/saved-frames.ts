import type { ProjectedFrame } from '@faceanim/core';
import { FaceanimError, invalidOption } from '@faceanim/tensor/errors';
import { writeFile } from './write-file';

/** Finished frames that are kept in the browser, under the name of their run. Dispose of it to let another tab open it. */
export interface SavedFrames extends AsyncDisposable {
  /** The frames found when it was opened, from frame 0 and without a gap: `resume` of `projectSequence`. */
  readonly frames: readonly ProjectedFrame[];
  /**
   * Saves a finished frame by its index. It is there as a whole or not at all.
   *
   * @throws FaceanimError `io` if there is no room
   */
  save(frame: ProjectedFrame): Promise<void>;
}

/** The files of a run are named as in a run folder of the command line. */
const framesName = 'frames';
/** How long the worker of a tab that was closed or reloaded may go on: it ends within a step. */
const msOfClosing = 3000;
const frameFile = (index: number) => `${String(index).padStart(6, '0')}.safetensors`;

/**
 * Opens the saved frames of a run in the origin private file system, in a page or a worker. A run that gets them as `resume`
 * goes on where the earlier one stopped, also after the tab was closed. Needs a secure page (https or localhost).
 *
 * @param name of the run; made if there is none
 * @throws FaceanimError `invalid-option` for an empty name or one with a slash; `io` where the browser has no such storage,
 *   or another tab still has the run open after three seconds; `checkpoint-corrupt` naming a damaged frame
 *
 * @example
 * await using saved = await openSavedFrames('smile');
 * for await (const frame of projectSequence({ ...models, look, driver, resume: saved.frames }))
 *   if (frame.index >= saved.frames.length) await saved.save(frame);
 */
export async function openSavedFrames(name: string): Promise<SavedFrames> {
  checkName(name);
  // Only now, since it brings TensorFlow.js with it: a page that lists its runs should not load that.
  const { decodeFrame, encodeFrame } = await import('@faceanim/core');
  const unlock = await lock(name, msOfClosing);
  try {
    const run = await (await runsFolder()).getDirectoryHandle(name, { create: true });
    const folder = await run.getDirectoryHandle(framesName, { create: true });
    return {
      frames: await readFrames(folder, decodeFrame),
      save: (frame) => writeFile(folder, frameFile(frame.index), encodeFrame(frame)),
      [Symbol.asyncDispose]: async () => unlock(),
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/**
 * The names of the runs that have saved frames.
 *
 * @throws FaceanimError `io` where the browser has no such storage
 */
export async function savedRuns(): Promise<string[]> {
  const names: string[] = [];
  for await (const name of (await runsFolder()).keys()) names.push(name);
  return names.sort();
}

/**
 * Deletes the saved frames of a run, if there are any.
 *
 * @throws FaceanimError `invalid-option` for a wrong name; `io` while the run is open
 */
export async function deleteSavedFrames(name: string): Promise<void> {
  checkName(name);
  const unlock = await lock(name);
  try {
    await (await runsFolder()).removeEntry(name, { recursive: true });
  } catch (cause) {
    if (isMissing(cause)) return;
    if (FaceanimError.isInstance(cause)) throw cause;
    throw new FaceanimError('io', `The saved frames of ${name} could not be deleted: ${cause}.`, { cause });
  } finally {
    unlock();
  }
}

function checkName(name: string): void {
  if (typeof name === 'string' && /^[^/\\]+$/.test(name) && name !== '.' && name !== '..') return;
  throw invalidOption('The name of a run', name, 'a text without slashes');
}

/**
 * Keeps other tabs away from a run until the function that it returns is called.
 *
 * @param patience milliseconds to wait for another tab that has it
 */
function lock(name: string, patience = 0): Promise<() => void> {
  return new Promise((locked, failed) => {
    if (!globalThis.navigator?.locks) return failed(noStorage());
    const elsewhere = (cause?: unknown) =>
      failed(
        new FaceanimError('io', `The saved frames of ${name} are open elsewhere.`, {
          hint: 'Close the other tab that runs it, or choose another name.',
          cause,
        }),
      );
    const held = (mine: unknown) => (mine ? new Promise<void>((unlock) => locked(unlock)) : elsewhere());
    const signal = patience > 0 ? AbortSignal.timeout(patience) : undefined;
    navigator.locks
      .request(`faceanim ${name}`, signal ? { signal } : { ifAvailable: true }, held)
      .catch((error) => (signal?.aborted ? elsewhere(error) : failed(error)));
  });
}

async function runsFolder(): Promise<FileSystemDirectoryHandle> {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle('faceanim', { create: true });
  } catch (cause) {
    throw noStorage(cause);
  }
}

async function readFrames(
  folder: FileSystemDirectoryHandle,
  decodeFrame: typeof import('@faceanim/core').decodeFrame,
): Promise<ProjectedFrame[]> {
  const frames: ProjectedFrame[] = [];
  for (;;) {
    const name = frameFile(frames.length);
    const handle = await folder.getFileHandle(name).catch((error) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (!handle) return frames;
    const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
    // Opened by a tab that was closed before it could write.
    if (bytes.length === 0) return frames;
    frames.push(decodeFrame(bytes, { file: name }));
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotFoundError';
}

function noStorage(cause?: unknown): FaceanimError {
  return new FaceanimError('io', 'This browser keeps no files for the page.', {
    cause,
    hint: 'Open the page over https or from localhost, and not in a private window; or run without saving.',
  });
}
