import type { RgbImage } from '@faceanim/core';
import { anRgbImage } from '@faceanim/core/options';
import { checkOptions } from '@faceanim/tensor/options';
import { withAiTag } from '../ai-generated';
import {
  type ImageFormat,
  imageFormat,
  type WriteOptions,
  type WrittenImage,
  writeChecks,
} from '../image-output';
import { encodePicture } from './encode-picture';

export async function writeImage(
  path: string,
  image: RgbImage,
  options: WriteOptions = {},
): Promise<WrittenImage> {
  checkOptions('writeImage', options, writeChecks);
  const type = imageType(path);
  anRgbImage(image, 'image');
  const encoded = await encode(path, type, image);
  const blob = (options.aiGenerated ?? true) ? await tagged(encoded, imageFormat(path)) : encoded;
  return { path, blob: async () => blob };
}

export async function checkImageOutput(path: string, options: WriteOptions = {}): Promise<void> {
  checkOptions('checkImageOutput', options, writeChecks);
  await encode(path, imageType(path), { width: 1, height: 1, data: new Uint8Array(3) });
}

async function tagged(picture: Blob, format: ImageFormat): Promise<Blob> {
  const bytes = new Uint8Array(await picture.arrayBuffer());
  return new Blob([withAiTag(bytes, format)], { type: picture.type });
}

const imageType = (path: string) => `image/${imageFormat(path)}`;

/** WebP of quality 1 is lossless; PNG has no quality. */
const encode = (path: string, type: string, image: RgbImage) =>
  encodePicture(path, image, {
    type,
    quality: type === 'image/jpeg' ? 0.92 : 1,
    others: '.png or .jpg',
  });
