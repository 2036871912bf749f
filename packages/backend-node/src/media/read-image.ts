import { readFile } from 'node:fs/promises';
import type { RgbImage } from '@faceanim/core';
import { FaceanimError, invalidOption } from '@faceanim/core';
import sharp from 'sharp';
import { asReadError } from '../files';

/** Options of {@link readImage}. */
export interface ReadImageOptions {
  /** Side in pixels: the picture is cropped to its central square and scaled. Default: as it is. */
  size?: number;
}

/**
 * Reads a picture (PNG, JPEG, WebP, GIF, TIFF, AVIF, SVG) as 8-bit sRGB: turned upright by its EXIF orientation,
 * colour profile applied, transparency laid on white. Of an animation the first frame is taken.
 *
 * @throws FaceanimError `io` when the file cannot be read, `media` when it is no picture or damaged, both naming
 *   the file
 */
export async function readImage(path: string, options: ReadImageOptions = {}): Promise<RgbImage> {
  const { size } = options;
  if (size !== undefined && !(Number.isInteger(size) && size > 0)) {
    throw invalidOption('size', size, 'a whole number of pixels above 0');
  }
  return decodeImage(await readBytes(path), path, size);
}

/** The bytes of a file, with a typed error. Through a buffer, since libvips caches files that it opens by name. */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw asReadError(error, path);
  }
}

/** Decodes the first picture in `bytes`; `path` names it in errors. */
export async function decodeImage(bytes: Buffer, path: string, size?: number): Promise<RgbImage> {
  try {
    let image = sharp(bytes, { failOn: 'error' }).autoOrient().flatten({ background: '#fff' });
    if (size !== undefined) image = image.resize(size, size, { fit: 'cover' });
    const { data, info } = await image
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data };
  } catch (error) {
    throw new FaceanimError('media', `${path} is not a readable picture: ${reason(error)}`, {
      file: path,
      cause: error,
      hint: 'Pass a whole PNG, JPEG, WebP, GIF, TIFF or AVIF file.',
    });
  }
}

/** What libvips says, on one line. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split('\n')[0]!.replace(/\.?$/, '.');
}
