import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { FaceanimError } from '@faceanim/tensor/errors';
import { asReadError } from './system-errors';

/** Extensions of the pictures that are read. */
const pictures = new Set(['.png', '.jpg', '.jpeg', '.jfif', '.webp', '.tif', '.tiff', '.avif', '.gif']);
/** Extensions of pictures that are not read: a clip must not lose frames silently. */
const refused = /\.(hei[cf]|bmp|jxl|jp2)$/i;
const byNumber = new Intl.Collator('en', { numeric: true });

/**
 * The names of the pictures in a folder, in natural order (`2.png` before `10.png`). Other files are skipped.
 *
 * @throws FaceanimError `io`; `media` naming a picture of a kind that is not read
 */
export async function pictureNames(path: string): Promise<string[]> {
  const names = (await list(path)).filter((name) => !name.startsWith('.'));
  const unread = names.find((name) => refused.test(name));
  if (unread !== undefined) {
    throw new FaceanimError(
      'media',
      `The folder ${path} has pictures of a kind that is not read, such as ${unread}.`,
      {
        file: join(path, unread),
        hint: 'Save them as PNG or JPEG, or move them out of the folder.',
      },
    );
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
