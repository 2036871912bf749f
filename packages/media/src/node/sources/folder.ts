import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { FaceanimError } from '@faceanim/tensor';
import { asReadError } from '../../files/atomic-write';
import { framesWithoutClock, indices, type VideoSource } from '../../video-source';
import { decodeImage, readBytes } from '../read-image';

/** Extensions of the still pictures that sharp decodes. */
const pictures = new Set(['.png', '.jpg', '.jpeg', '.jfif', '.webp', '.tif', '.tiff', '.avif', '.gif']);
/** Those of pictures that are not read, which must not be passed over. */
const refused = /\.(hei[cf]|bmp|jxl|jp2)$/i;
const byNumber = new Intl.Collator('en', { numeric: true });

/** A folder of pictures in natural order (`2.png` before `10.png`); files that are no pictures are passed over. */
export async function openFolder(path: string): Promise<VideoSource> {
  const names = await frameNames(path);
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
      kind: 'folder',
    },
    async *frames(range) {
      for (const index of indices(range, names.length)) {
        yield { index, time: index / framesWithoutClock, image: await read(names[index]!) };
      }
    },
  };
}

/**
 * The pictures of a folder, in natural order.
 *
 * @throws FaceanimError `io`; `media` naming a picture of a kind that is not read
 */
export async function frameNames(path: string): Promise<string[]> {
  const names = (await list(path)).filter((name) => !name.startsWith('.'));
  const unread = names.find((name) => refused.test(name));
  if (unread !== undefined) {
    throw new FaceanimError('media', `The folder ${path} has frames that are not read, such as ${unread}.`, {
      file: join(path, unread),
      hint: 'Save them as PNG or JPEG, or move them out of the folder.',
    });
  }
  return names.filter((name) => pictures.has(extname(name).toLowerCase())).sort(byNumber.compare);
}

async function list(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    throw asReadError(error, path);
  }
}
