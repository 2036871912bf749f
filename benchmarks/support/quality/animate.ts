import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Backend,
  encodeFrame,
  FaceanimError,
  type InterpolationMethod,
  interpolate,
  type ProjectSequenceOptions,
  projectSequence,
  type RgbImage,
  render,
  type SequenceFrame,
} from '@faceanim/core';
import { readImage, readVideo, writeImage } from '@faceanim/media';
import type { AvatarPack } from '@faceanim/models';

/** One animation: which driver, which look, how, and where it is kept. */
export interface Animation {
  readonly backend: Backend;
  readonly pack: AvatarPack;
  /** Path of the driver; without one, the look itself is the only frame, so that it is projected alone. */
  readonly driver?: string;
  /** Path of the look. */
  readonly look: string;
  /** Number of frames, and how many driver frames lie from one to the next. */
  readonly frames: number;
  readonly every: number;
  readonly options: Partial<ProjectSequenceOptions>;
  /** How the pictures are drawn from the latents. */
  readonly interpolation: InterpolationMethod;
  readonly folder: string;
}

/** What is kept of an animation beside its pictures and latents. */
export interface Made {
  readonly date: string;
  readonly backend: string;
  /** CPU time of all threads. */
  readonly cpuSeconds: number;
  readonly frames: readonly MadeFrame[];
  /** Why the animation ended before its last frame. */
  readonly error?: string;
  readonly pictures: readonly RgbImage[];
}

/** What is kept of a frame. */
export interface MadeFrame {
  /** Index in the driver. */
  readonly index: number;
  readonly steps: number;
  /** The landmarks that it should have, if they are not the driver's: 68 pairs in pixels of the picture. */
  readonly target?: readonly number[];
}

/** Makes an animation, unless an earlier run has made it. */
export async function animate(animation: Animation): Promise<Made> {
  const { folder } = animation;
  const file = join(folder, 'run.json');
  if (!existsSync(file)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    // Written last: a folder with this file is whole.
    writeFileSync(file, JSON.stringify(await make(animation)));
  }
  return (await readMade(folder))!;
}

/** Reads what {@link animate} has made; undefined if it has not finished. */
export async function readMade(folder: string): Promise<Made | undefined> {
  const file = join(folder, 'run.json');
  if (!existsSync(file)) return undefined;
  const run: Omit<Made, 'pictures'> = JSON.parse(readFileSync(file, 'utf8'));
  const pictures = await Promise.all(run.frames.map(({ index }) => readImage(pictureFile(folder, index))));
  return { ...run, pictures };
}

async function make({
  backend,
  pack,
  driver: clip,
  look,
  frames,
  every,
  options,
  interpolation: method,
  folder,
}: Animation): Promise<Omit<Made, 'pictures'>> {
  const image = await readImage(look);
  const driver = clip ? readVideo(clip, { limit: frames * every }) : [{ index: 0, image }];
  const before = process.cpuUsage();
  const done: SequenceFrame[] = [];
  let error: string | undefined;
  try {
    for await (const frame of projectSequence({ ...pack, backend, look: image, driver, every, ...options })) {
      done.push(frame);
      writeFileSync(join(folder, `${name(frame.driver.index)}.frame`), encodeFrame(frame));
    }
  } catch (thrown) {
    if (!FaceanimError.isInstance(thrown)) throw thrown;
    error = `${thrown.code}: ${thrown.message}`;
  }
  const { user, system } = process.cpuUsage(before);
  const indices = done.map(({ driver }) => driver.index).values();
  for await (const picture of render(interpolate(done, { factor: 1, method }), pack.generator)) {
    await writeImage(pictureFile(folder, indices.next().value!), picture);
  }
  return {
    date: new Date().toISOString(),
    backend: backend.description,
    cpuSeconds: Math.round((user + system) / 1e6),
    frames: done.map(({ driver, steps }) => ({
      index: driver.index,
      steps,
      target: driver.targetLandmarks && Array.from(driver.targetLandmarks),
    })),
    error,
  };
}

const name = (index: number) => String(index).padStart(3, '0');
const pictureFile = (folder: string, index: number) => join(folder, `${name(index)}.png`);
