import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RgbImage } from '@faceanim/core';
import { probeVideo, type VideoInfo } from '@faceanim/media';
import { pictureNames } from '@faceanim/media/files';
import { checkpointKind } from '@faceanim/models/checkpoints';
import { FaceanimError } from '@faceanim/tensor';
import sharp from 'sharp';
import type { NamedPath } from '../files/inputs';

/** Limits for input from strangers. Without them, anything is taken that the machine can hold. */
export interface LimitFlags {
  /** Pixels of a picture or frame. */
  maxPixels?: number;
  /** Seconds of a video. */
  maxSeconds?: number;
  /** Bytes of a file, or of the files of a folder. */
  maxBytes?: number;
  /** Whether files of networks and latents may be pickles, or must hold only arrays. */
  checkpoints?: 'arrays' | 'pickle';
}

const videos: readonly string[] = ['--driver', '--blend'];

/**
 * Refuses inputs over a limit before anything in them is decoded: sizes are read from the headers of files.
 *
 * @throws {FaceanimError} `too-large` naming the flag, the file and the limit; `media` for a video that does not tell its length;
 *   `invalid-option` for a checkpoint of a kind that is not taken; `checkpoint-corrupt` for what is none
 */
export async function checkLimits(
  inputs: readonly NamedPath[],
  limits: LimitFlags,
  signal?: AbortSignal,
): Promise<void> {
  const { maxPixels, maxSeconds, maxBytes, checkpoints } = limits;
  for (const input of inputs) {
    const isMedia = input.name === '--look' || videos.includes(input.name);
    const files = await filesOf(input.path, isMedia);
    if (maxBytes !== undefined) {
      const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      if (bytes > maxBytes) throw tooLarge(input, bytes, 'bytes', '--max-bytes', maxBytes);
    }
    if (isMedia && maxPixels !== undefined) {
      for (const file of files) {
        const pixels = await pixelsOf(file, videos.includes(input.name), signal);
        if (pixels > maxPixels) throw tooLarge(input, pixels, 'pixels', '--max-pixels', maxPixels);
      }
    }
    if (!isMedia && checkpoints === 'arrays') await checkKind(input, signal);
  }
  for (const input of inputs) {
    if (maxSeconds === undefined || !videos.includes(input.name)) continue;
    // Only now: a still picture is decoded to be opened.
    const seconds = secondsOf(await probeVideo(input.path, { signal }), input.path);
    if (seconds > maxSeconds) throw tooLarge(input, seconds, 'seconds', '--max-seconds', maxSeconds);
  }
}

/**
 * Most frames that a second of video may have: more than cameras of phones record. Else a header that claims millions a second
 * would make any number of frames short.
 */
const mostFps = 240;

/**
 * Passes on frames as long as they keep to the limits, whatever the header of their file has claimed.
 *
 * @param fps frames a second by the header.
 * @throws {FaceanimError} `too-large` as {@link checkLimits}.
 */
export async function* withinLimits<T extends { readonly image: RgbImage }>(
  frames: AsyncIterable<T>,
  input: NamedPath,
  fps: number,
  { maxPixels = Number.POSITIVE_INFINITY, maxSeconds }: LimitFlags,
): AsyncGenerator<T> {
  const rate = Math.min(fps, mostFps);
  const most =
    maxSeconds === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(maxSeconds * rate));
  let count = 0;
  for await (const frame of frames) {
    const pixels = frame.image.width * frame.image.height;
    if (pixels > maxPixels) throw tooLarge(input, pixels, 'pixels', '--max-pixels', maxPixels);
    if (++count > most) throw tooLarge(input, count / rate, 'seconds', '--max-seconds', maxSeconds!);
    yield frame;
  }
}

/** A file, or those of a folder that are read. */
async function filesOf(path: string, isMedia: boolean): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  if (isMedia) return (await pictureNames(path)).map((name) => join(path, name));
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => join(path, name));
}

/** 0 for a look that is no picture: reading it says what is wrong. */
async function pixelsOf(file: string, mayBeVideo: boolean, signal: AbortSignal | undefined): Promise<number> {
  // Only the header of a picture is read.
  const picture = await sharp(file, { limitInputPixels: false })
    .metadata()
    .catch(() => undefined);
  if (picture) return picture.width * (picture.pageHeight ?? picture.height);
  if (!mayBeVideo) return 0;
  const video = await probeVideo(file, { signal });
  return video.width * video.height;
}

function secondsOf({ frames, fps, times }: VideoInfo, path: string): number {
  const least = (frames ?? 0) / mostFps;
  if (times) return Math.max(least, times.at(-1)!);
  if (frames !== undefined) return Math.max(least, frames / fps);
  throw new FaceanimError('media', `${path} does not tell how long it is, and there is a limit.`, {
    file: path,
    hint: 'Convert it to MP4.',
  });
}

async function checkKind({ name, path }: NamedPath, signal: AbortSignal | undefined): Promise<void> {
  if ((await checkpointKind(path, { signal })) !== 'pickle') return;
  throw new FaceanimError('invalid-option', `${name} ${path} may hold pickles, and only arrays are taken.`, {
    file: path,
    hint: 'Convert it with faceanim import, or allow it with --checkpoints pickle.',
  });
}

function tooLarge(
  { name, path }: NamedPath,
  value: number,
  unit: string,
  flag: string,
  limit: number,
): FaceanimError {
  const shown = Number.isInteger(value) ? value : value.toFixed(1);
  return new FaceanimError('too-large', `${name} ${path} has ${shown} ${unit}, more than ${limit}.`, {
    file: path,
    hint: `Make it smaller, or raise ${flag}.`,
  });
}
