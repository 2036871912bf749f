import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asWriteError, makeFolder } from '../../files';
import type { VideoSink } from '../video-sink';
import { writeImage } from '../write-image';

/** Name of a frame in a folder: `000007.png`. */
export function frameName(index: number): string {
  return `${String(index).padStart(6, '0')}.png`;
}

/** A folder of PNG frames, each whole or absent; frames of a longer run before are removed at the end. */
export const writeFolder: VideoSink = async (frames, { path }) => {
  await makeFolder(path);
  let count = 0;
  for await (const frame of frames) await writeImage(join(path, frameName(count++)), frame);
  try {
    for (const name of await readdir(path)) {
      if (/^\d{6}\.png$/.test(name) && Number.parseInt(name, 10) >= count) await rm(join(path, name));
    }
  } catch (error) {
    throw asWriteError(error, path);
  }
};
