import { readFile } from 'node:fs/promises';
import type { RgbImage } from '@faceanim/core';
import { FaceanimError } from '@faceanim/tensor';
import { checkOptions } from '@faceanim/tensor/options';
import sharp from 'sharp';
import { headBytes, isVideo, kindOf, refuseKind } from '../file-kind';
import { pathCheck } from '../files/path-check';
import { asReadError } from '../files/system-errors';
import { type ReadImageOptions, readImageChecks } from '../image-options';

/**
 * Reads a picture (PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG, whatever its name) as 8-bit sRGB: turned upright by its EXIF
 * orientation, colour profile applied, CMYK converted, transparency laid on white. Of an animation it takes the first frame.
 *
 * @throws FaceanimError naming the file: `io` if it cannot be read; `media` if it is damaged, a video, no picture, of a
 *   kind that is not read (HEIC, BMP, JPEG XL), or has more than 268 million pixels; `invalid-option` for what is no path
 */
export async function readImage(path: string, options: ReadImageOptions = {}): Promise<RgbImage> {
  checkOptions('readImage', options, readImageChecks);
  pathCheck(path, 'path');
  return decodeImage(await readBytes(path), path, options);
}

/** Reads a file. Pictures are decoded from memory, because libvips caches files that it opens by name. */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw asReadError(error, path);
  }
}

/** Decodes the first picture in `bytes`; errors call it `path`. */
export async function decodeImage(
  bytes: Buffer,
  path: string,
  { size, maxSide }: ReadImageOptions = {},
): Promise<RgbImage> {
  const head = bytes.subarray(0, headBytes);
  refuseKind(kindOf(head), path);
  if (isVideo(head)) {
    throw new FaceanimError('media', `${path} is a video, not a picture.`, {
      file: path,
      hint: 'readVideo reads its frames; on the command line pass it as --driver.',
    });
  }
  try {
    let image = sharp(bytes, { failOn: 'error' }).autoOrient().flatten({ background: '#fff' });
    if (size !== undefined) image = image.resize(size, size, { fit: 'cover' });
    else if (maxSide !== undefined) {
      image = image.resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true });
    }
    const { data, info } = await image
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data };
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): FaceanimError {
  if (/exceeds pixel limit/.test(reason(error))) {
    return new FaceanimError('media', `${path} has more than 268 million pixels.`, {
      file: path,
      cause: error,
      hint: 'Shrink it first: a face needs no more than a few thousand.',
    });
  }
  return new FaceanimError('media', `${path} is not a readable picture: ${reason(error)}`, {
    file: path,
    cause: error,
    hint: 'Pass a whole PNG, JPEG, WebP, GIF, TIFF or AVIF file.',
  });
}

/** The first line of what libvips says. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .trim()
    .split('\n')[0]!
    .replace(/[.:]?$/, '.');
}
