import { join } from 'node:path';
import { FaceanimError } from '@faceanim/tensor/errors';
import { pictureNames } from '../../files/picture-names';
import { framesWithoutClock, indices, type VideoSource } from '../../video-source';
import { readBytes } from '../media-file';
import { decodeImage } from '../read-image';

/** A folder of pictures of one size. */
export async function openFolder(path: string): Promise<VideoSource> {
  const names = await pictureNames(path);
  const first = names[0];
  if (first === undefined) {
    throw new FaceanimError('media', `The folder ${path} has no pictures.`, {
      file: path,
      hint: 'Pass a folder of PNG, JPEG or WebP frames, or a video file.',
    });
  }
  const read = async (name: string) => decodeImage(await readBytes(join(path, name)), join(path, name));
  const { width, height } = await read(first);
  return {
    info: {
      width,
      height,
      fps: framesWithoutClock,
      frames: names.length,
      variableRate: false,
      sound: false,
      kind: 'folder',
    },
    async *frames(range) {
      for (const index of indices(range, names.length)) {
        yield { index, time: index / framesWithoutClock, image: await read(names[index]!) };
      }
    },
  };
}
