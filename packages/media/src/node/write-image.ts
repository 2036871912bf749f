import { extname } from 'node:path';
import type { RgbImage } from '@faceanim/core';
import { FaceanimError, invalidOption } from '@faceanim/tensor';
import { checkOptions } from '@faceanim/tensor/options';
import sharp, { type Sharp } from 'sharp';
import {
  type AtomicWriteOptions,
  atomicWriteChecks,
  checkFileOutput,
  writeFileAtomic,
} from '../files/atomic-write';
import { pathCheck } from '../files/path-check';

/** Encoders by extension. */
const encoders: Readonly<Record<string, (image: Sharp) => Sharp>> = {
  '.png': (image) => image.png(),
  '.jpg': (image) => image.jpeg({ quality: 92 }),
  '.jpeg': (image) => image.jpeg({ quality: 92 }),
  '.webp': (image) => image.webp({ lossless: true }),
};

/**
 * Writes a picture, whole or not at all, in the format of its extension: `.png`, `.jpg` or `.webp`. PNG and WebP are
 * lossless.
 *
 * @throws FaceanimError `invalid-option` for another extension, or data that do not fit the size; `io` naming the file
 */
export async function writeImage(
  path: string,
  image: RgbImage,
  options: AtomicWriteOptions = {},
): Promise<void> {
  checkOptions('writeImage', options, atomicWriteChecks);
  const bytes = await encoderFor(path)(fromRgb(image)).toBuffer();
  await writeFileAtomic(path, bytes, options);
}

/**
 * Checks that {@link writeImage} could start, without writing anything.
 *
 * @throws FaceanimError as {@link writeImage}
 */
export async function checkImageOutput(path: string, options: AtomicWriteOptions = {}): Promise<void> {
  checkOptions('checkImageOutput', options, atomicWriteChecks);
  encoderFor(path);
  await checkFileOutput(path, options);
}

function encoderFor(path: string): (image: Sharp) => Sharp {
  pathCheck(path, 'path');
  const encode = encoders[extname(path).toLowerCase()];
  if (encode) return encode;
  throw new FaceanimError('invalid-option', `${path} is in no format that can be written.`, {
    file: path,
    hint: 'Use .png, .jpg or .webp.',
  });
}

/** Hands an image to sharp. */
export function fromRgb(image: RgbImage): Sharp {
  const { width, height, data } = image;
  if (data.length !== width * height * 3) {
    throw invalidOption('image.data', data.length, `${width * height * 3} bytes for ${width}x${height} RGB`);
  }
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return sharp(bytes, { raw: { width, height, channels: 3 } });
}
