import type { RgbImage } from '@faceanim/core';
import { FaceanimError, messageOf } from '@faceanim/tensor/errors';
import { checkOptions } from '@faceanim/tensor/options';
import sharp from 'sharp';
import { headBytes, isVideo, kindOf, refuseKind } from '../file-kind';
import { type ImageInput, type MediaInput, type ReadImageOptions, readImageChecks } from '../inputs';
import { bytesOf, mediaFile } from './media-file';

export async function readImage(source: ImageInput, options: ReadImageOptions = {}): Promise<RgbImage> {
  checkOptions('readImage', options, readImageChecks);
  // There are no bitmaps in Node: what claims to be one is refused.
  const file = mediaFile(source as MediaInput);
  return decodeImage(await bytesOf(file), file.name, options);
}

/** Decodes the first picture in `bytes`. */
export async function decodeImage(
  bytes: Buffer,
  name: string,
  { size, maxSide }: ReadImageOptions = {},
): Promise<RgbImage> {
  const head = bytes.subarray(0, headBytes);
  refuseKind(kindOf(head), name);
  if (isVideo(head)) {
    throw new FaceanimError('media', `${name} is a video, not a picture.`, {
      file: name,
      hint: 'Choose a picture; readVideo reads the frames of a video.',
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
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): FaceanimError {
  if (/exceeds pixel limit/.test(reason(error))) {
    return new FaceanimError('media', `${name} has more than 268 million pixels.`, {
      file: name,
      cause: error,
      hint: 'Shrink it first: a face needs no more than a few thousand.',
    });
  }
  return new FaceanimError('media', `${name} is not a readable picture: ${reason(error)}`, {
    file: name,
    cause: error,
    hint: 'Pass a whole PNG, JPEG, WebP, GIF, TIFF or AVIF file.',
  });
}

/** The first line of what libvips says. */
export function reason(error: unknown): string {
  const text = messageOf(error);
  return text
    .trim()
    .split('\n')[0]!
    .replace(/[.:]?$/, '.');
}
