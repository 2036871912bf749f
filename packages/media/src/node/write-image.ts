import type { RgbImage } from '@faceanim/core';
import { anRgbImage } from '@faceanim/core/options';
import { checkOptions } from '@faceanim/tensor/options';
import sharp, { type Sharp } from 'sharp';
import { withAiTag } from '../ai-generated';
import { checkFileOutput, writeFileAtomic } from '../files/atomic-write';
import {
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
  const format = imageFormat(path);
  anRgbImage(image, 'image');
  const encoded = await encoders[format](fromRgb(image)).toBuffer();
  const { aiGenerated = true } = options;
  await writeFileAtomic(path, aiGenerated ? withAiTag(encoded, format) : encoded, options);
  return { path, blob: () => fileAsBlob(path) };
}

export async function checkImageOutput(path: string, options: WriteOptions = {}): Promise<void> {
  checkOptions('checkImageOutput', options, writeChecks);
  imageFormat(path);
  await checkFileOutput(path, options);
}

/** Hands an image to sharp. */
export function fromRgb({ width, height, data }: RgbImage): Sharp {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return sharp(bytes, { raw: { width, height, channels: 3 } });
}
