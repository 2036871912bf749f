import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { FaceanimError } from '@faceanim/core';
import { asReadError } from '../../files';
import { decodeImage, readBytes } from '../read-image';
import { folderFps, indices, type VideoSource } from '../video-source';

/** Extensions of the still pictures that sharp decodes. */
const pictures = new Set(['.png', '.jpg', '.jpeg', '.webp', '.tif', '.tiff', '.avif', '.gif']);
const byNumber = new Intl.Collator('en', { numeric: true });

/** A folder of pictures in natural order (`2.png` before `10.png`); other files in it are passed over. */
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
    info: { width, height, fps: folderFps, frames: names.length, kind: 'folder' },
    async *frames(range) {
      for (const index of indices(range, names.length)) {
        yield { index, time: index / folderFps, image: await read(names[index]!) };
      }
    },
  };
}

/** The pictures of a folder, in natural order. @throws FaceanimError `io` */
export async function frameNames(path: string): Promise<string[]> {
  return (await list(path)).filter((name) => isPicture(name)).sort(byNumber.compare);
}

async function list(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    throw asReadError(error, path);
  }
}

function isPicture(name: string): boolean {
  return !name.startsWith('.') && pictures.has(extname(name).toLowerCase());
}
