import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeFrame, type FrameStore, type ProjectedFrame } from '@faceanim/core';
import { asReadError } from '@faceanim/media/files';
import { FaceanimError } from '@faceanim/tensor';
import { frameFile, framesName } from './names';

/** The first finished frames of a run, which are read one by one: those of a long run may not fit into memory. */
export class FinishedFrames implements FrameStore {
  /** @param steps that they have taken. */
  constructor(
    readonly folder: string,
    readonly length: number,
    readonly steps: number,
  ) {}

  /** @throws {FaceanimError} as {@link readFrame}. */
  at(index: number): Promise<ProjectedFrame> | undefined {
    return index < this.length ? readFrame(this.folder, index) : undefined;
  }
}

/**
 * The first `count` finished frames of a run, all of which can be read. A last one that is damaged is left out, since a disk that
 * was cut off may lose what was written last; any other frame has others that follow it.
 *
 * @throws {FaceanimError} as {@link readFrame}.
 */
export async function finishedFrames(
  folder: string,
  count: number,
  onWarning?: (message: string) => void,
): Promise<FinishedFrames> {
  let steps = 0;
  for (let i = 0; i < count; i++) {
    try {
      steps += (await readFrame(folder, i)).steps;
    } catch (error) {
      if (i < count - 1 || !FaceanimError.isInstance(error, 'checkpoint-corrupt')) throw error;
      onWarning?.(`${error.message} It is computed again.`);
      return new FinishedFrames(folder, i, steps);
    }
  }
  return new FinishedFrames(folder, count, steps);
}

/**
 * A finished frame of a run.
 *
 * @throws {FaceanimError} `io` or `checkpoint-corrupt` naming the file of a frame that cannot be read.
 */
export async function readFrame(folder: string, index: number): Promise<ProjectedFrame> {
  const file = join(folder, framesName, frameFile(index));
  const bytes = await readFile(file).catch((error) => {
    throw asReadError(error, file);
  });
  return decodeFrame(bytes, { file });
}
