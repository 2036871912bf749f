import type { DriverFrame, ProjectSequenceOptions, RgbImage } from '@faceanim/core';
import { type ImageInput, openVideo, readImage } from '@faceanim/media';
import { accepting } from '@faceanim/tensor/options';
import type { Hooks, WorkerProjectOptions } from '../options';
import type { WorkerModels } from './models';

/** The hooks of a call, without those of the connection. */
export const watched = ({ signal, onProgress, onWarning }: Hooks) => ({ signal, onProgress, onWarning });

/** Whether an input is a file or its address. */
export const isFile = (value: unknown) => typeof value === 'string' || value instanceof Blob;

/** Refuses what is no picture, such as the list of files of an `<input>`. */
export const lookCheck = accepting(
  'a picture file, its address or an image',
  (value) => isFile(value) || isImage(value),
);

/** Node has no `ImageBitmap`. */
const isImage = (value: unknown) =>
  (typeof ImageBitmap !== 'undefined' && value instanceof ImageBitmap) ||
  (typeof value === 'object' && value !== null && 'data' in value);

/** The picture of a look. */
export async function pictureOf(look: ImageInput | RgbImage): Promise<RgbImage> {
  lookCheck(look, 'look');
  return isPicture(look) ? look : readImage(look, { maxSide: 4096 });
}

/** What `prepareLook` takes of the models. */
export const lookModels = ({ generator, landmarkNet, backend }: WorkerModels) => ({
  ...{ generator, landmarkNet, backend },
});

/** Whether a look is a picture at hand. */
export function isPicture(look: ImageInput | RgbImage): look is RgbImage {
  return typeof look === 'object' && 'data' in look;
}

/** The frames of the driver and, if it is known, their number. */
export async function framesOf(
  driver: WorkerProjectOptions['driver'],
  read: WorkerProjectOptions['read'] = {},
  { signal, onWarning }: Hooks,
): Promise<Pick<ProjectSequenceOptions, 'driver' | 'frames'>> {
  if (isList(driver)) return { driver, frames: driver.length };
  const video = await openVideo(driver, { signal });
  const { start = 0, every = 1, limit = Number.POSITIVE_INFINITY } = read;
  const stored = video.info.frames ?? 0;
  const frames = Math.min(limit, Math.ceil((stored - start) / every));
  // Read again for the crops, and with the same warnings.
  let warned = onWarning;
  const open = () => {
    const opened = video.frames({ ...read, signal, onWarning: warned });
    warned = undefined;
    return opened;
  };
  return { driver: open, ...(frames > 0 && { frames }) };
}

/** Whether a driver is a list of frames at hand. */
export function isList(driver: WorkerProjectOptions['driver']): driver is readonly DriverFrame[] {
  return Array.isArray(driver);
}
