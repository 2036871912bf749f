import type { RgbImage } from '@faceanim/core';
import { checkOptions } from '@faceanim/tensor/options';
import sharp, { type Sharp } from 'sharp';
import { checkFileOutput, writeFileAtomic } from '../files/atomic-write';
import {
  checkPixels,
  type ImageFormat,
  imageFormat,
  type WriteOptions,
  type WrittenImage,
  writeChecks,
} from '../image-output';
import { fileAsBlob } from './file-as-blob';

const encoders: Readonly<Record<ImageFormat, (image: Sharp) => Sharp>> = {
  png: (image) => image.png(),
  jpeg: (image) => image.jpeg({ quality: 92 }),
  webp: (image) => image.webp({ lossless: true }),
};

export async function writeImage(
  path: string,
  image: RgbImage,
  options: WriteOptions = {},
): Promise<WrittenImage> {
  checkOptions('writeImage', options, writeChecks);
  const bytes = await encoders[imageFormat(path)](fromRgb(image)).toBuffer();
  await writeFileAtomic(path, bytes, options);
  return { path, blob: () => fileAsBlob(path) };
}

export async function checkImageOutput(path: string, options: WriteOptions = {}): Promise<void> {
  checkOptions('checkImageOutput', options, writeChecks);
  imageFormat(path);
  await checkFileOutput(path, options);
}

/** Hands an image to sharp. */
export function fromRgb(image: RgbImage): Sharp {
  checkPixels(image);
  const { width, height, data } = image;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return sharp(bytes, { raw: { width, height, channels: 3 } });
}
