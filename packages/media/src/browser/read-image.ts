import type { RgbImage } from '@faceanim/core';
import { FaceanimError } from '@faceanim/tensor/errors';
import { checkOptions } from '@faceanim/tensor/options';
import { isVideo, kindOf, refuseKind } from '../file-kind';
import { type ImageInput, type ReadImageOptions, readImageChecks } from '../inputs';
import { pixelReader } from './canvas';
import { blobOf, headOf, imageCheck, type NamedBlob } from './named-blob';

export async function readImage(source: ImageInput, options: ReadImageOptions = {}): Promise<RgbImage> {
  checkOptions('readImage', options, readImageChecks);
  imageCheck(source, 'source');
  if (source instanceof ImageBitmap) return pixelsOf(source, 'The ImageBitmap', options);
  return decodeImage(await blobOf(source), options);
}

/** Decodes the first picture of a file. */
export async function decodeImage(file: NamedBlob, options: ReadImageOptions = {}): Promise<RgbImage> {
  const bitmap = await createImageBitmap(file.blob).catch(async (error) => {
    throw await unreadable(file, error);
  });
  try {
    return pixelsOf(bitmap, file.name, options);
  } finally {
    bitmap.close();
  }
}

function pixelsOf(bitmap: ImageBitmap, name: string, { size, maxSide }: ReadImageOptions): RgbImage {
  const { width, height } = bitmap;
  if (size !== undefined) {
    const side = Math.min(width, height);
    const [x, y] = [(width - side) / 2, (height - side) / 2];
    const read = pixelReader({ width: size, height: size }, name);
    return read((context) => context.drawImage(bitmap, x, y, side, side, 0, 0, size, size));
  }
  const scale = Math.min(1, (maxSide ?? Number.POSITIVE_INFINITY) / Math.max(width, height));
  const shown = { width: scaled(width, scale), height: scaled(height, scale) };
  const read = pixelReader(shown, name);
  return read((context) => context.drawImage(bitmap, 0, 0, shown.width, shown.height));
}

function scaled(side: number, scale: number): number {
  return Math.max(1, Math.round(side * scale));
}

/** The error for a file that the browser does not decode. */
async function unreadable({ blob, name }: NamedBlob, cause: unknown): Promise<FaceanimError> {
  const head = await headOf(blob).catch((error) => error as unknown);
  if (!(head instanceof Uint8Array)) {
    const hint = 'It may have been moved or changed since it was chosen: choose it again.';
    return new FaceanimError('io', `${name} could not be read.`, { file: name, cause: head, hint });
  }
  if (isVideo(head)) {
    const hint = 'Choose a picture; readVideo reads the frames of a video.';
    return new FaceanimError('media', `${name} is a video, not a picture.`, { file: name, cause, hint });
  }
  refuseKind(kindOf(head), name);
  return new FaceanimError('media', `${name} is not a picture that this browser reads.`, {
    file: name,
    cause,
    hint: 'Pass a whole PNG, JPEG, WebP, GIF or AVIF file; draw an SVG onto a canvas first and pass its ImageBitmap.',
  });
}
