import { join } from 'node:path';
import { frameName, openFrameFolder } from '../frame-folder';
import type { VideoSink } from '../video-sink';
import { writeImage } from '../write-image';

/** A folder of PNG frames, each whole or absent. Frames left by a longer run are removed at the end. */
export const writeFolder: VideoSink = async (frames, { path, overwrite, aiGenerated }) => {
  const folder = await openFrameFolder(path, { overwrite });
  let count = 0;
  for await (const frame of frames) {
    await folder.claim(count);
    await writeImage(join(path, frameName(count)), frame, { aiGenerated });
    count++;
  }
  await folder.finish(count);
};
