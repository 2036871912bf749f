import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBackend } from '@faceanim/backend-node';
import {
  type BackendName,
  type Generator,
  type ProjectSequenceOptions,
  projectSequence,
  type RgbImage,
  render,
  type SequenceFrame,
} from '@faceanim/core';
import { centredSquare, detectLandmarks, outerEyeDistance } from '@faceanim/core/landmarks';
import { joinParts, partOf, prepareClip } from '@faceanim/core/parts';
import { readImage, readVideo } from '@faceanim/media';
import { avatarPack } from '@faceanim/models';
import type { BenchmarkContext } from './run';
import { wholeNumber } from './support/whole-number';

export const description =
  'parts of a shot that are optimised separately and joined, against a run that is not split [--clips A,B] [--look NAME] [--frames N] [--at N,N] [--span N] [--backend NAME] [--shared FOLDER]';

const overlaps = [0, 2, 4, 8, 12];

/**
 * Optimises a shot as a whole, and again from some frames on as parts are. Both are then joined with different overlaps.
 */
export async function run({ args, log }: BenchmarkContext) {
  const options = parseOptions(args);
  const { shared, frames, at, span } = options;
  await using backend = await openBackend({ prefer: options.backend });
  using pack = await avatarPack();
  const look = await readImage(join(shared, 'media', `look-${options.look}.png`));
  const joints: Joint[] = [];
  const alone: object[] = [];
  for (const clip of options.clips) {
    const driver = readVideo(join(shared, 'media', `driver-${clip}.mp4`), { limit: frames });
    const run = { ...pack, backend, look };
    const prepared = await prepareClip({ ...run, driver });
    const whole = await finished({ ...run, driver: prepared });
    log(`${clip}: the whole shot is done`);
    const judge = judgeOf(pack);
    const usual = await judge(whole);
    for (const start of at) {
      const end = Math.min(start + span, frames);
      const part = await finished({ ...run, driver: partOf(prepared, { start, end }) });
      log(`${clip}: the part from frame ${start} is done`);
      const own = await judge(part);
      alone.push({
        ...{ clip, 'part from': start },
        ...Object.fromEntries(
          [0, 1, 2, 4, 8, 12].flatMap((k) =>
            start + k < end
              ? [[`frame ${k}`, round(difference(own.images[k]!, usual.images[start + k]!))]]
              : [],
          ),
        ),
      });
      for (const overlap of overlaps) {
        const parts = [
          { start: 0, end: start + overlap, overlap: 0 },
          { start, end, overlap },
        ];
        const joined: SequenceFrame[] = [];
        const lists = [whole.slice(0, start + overlap), part];
        for await (const frame of joinParts(parts, (_, i) => lists[i]!)) joined.push(frame);
        joints.push({ start, overlap, whole: usual, joined: await judge(joined.slice(start - 1)), span });
      }
    }
  }
  return {
    'pixel difference of a part from the whole run, by its own frame': alone,
    joints: overlaps.map((overlap) => rowOf(joints.filter((joint) => joint.overlap === overlap))),
  };
}

/** Frames, their pictures, and how far these are from their targets in outer eye distances. */
interface Judged {
  readonly latents: readonly Float32Array[];
  readonly images: readonly RgbImage[];
  readonly errors: readonly number[];
}

interface Joint {
  readonly start: number;
  readonly overlap: number;
  readonly span: number;
  readonly whole: Judged;
  /** From the frame before the joint on. */
  readonly joined: Judged;
}

/** Means over joints; steps are from one frame to the next, the largest within the overlap and into the next frame. */
function rowOf(joints: readonly Joint[]) {
  const overlap = joints[0]!.overlap;
  const mean = (of: (joint: Joint) => number) =>
    joints.reduce((sum, joint) => sum + of(joint), 0) / joints.length;
  const most = (of: (joint: Joint) => number) => Math.max(...joints.map(of));
  const step = <T>(list: (judged: Judged) => readonly T[], distance: (a: T, b: T) => number) => {
    const largest = (all: readonly T[], from: number) =>
      Math.max(
        ...Array.from({ length: overlap + 1 }, (_, k) => distance(all[from + k]!, all[from + k + 1]!)),
      );
    return (joint: Joint) => ({
      joined: largest(list(joint.joined), 0),
      whole: largest(list(joint.whole), joint.start - 1),
    });
  };
  const latents = step(({ latents }) => latents, rms);
  const pixels = step(({ images }) => images, difference);
  const error = ({ errors }: Judged, from: number) => {
    const list = errors.slice(from, from + Math.max(...overlaps) + 1);
    return list.reduce((sum, value) => sum + value, 0) / list.length;
  };
  return {
    overlap,
    joints: joints.length,
    'latent step': round(mean((joint) => latents(joint).joined)),
    'unsplit ': round(mean((joint) => latents(joint).whole)),
    'worst ratio': round(most((joint) => latents(joint).joined / latents(joint).whole)),
    'pixel step': round(mean((joint) => pixels(joint).joined)),
    'unsplit  ': round(mean((joint) => pixels(joint).whole)),
    'worst ratio ': round(most((joint) => pixels(joint).joined / pixels(joint).whole)),
    'error after the joint': round(
      mean(({ joined }) => error(joined, 1)),
      4,
    ),
    'unsplit   ': round(
      mean(({ whole, start }) => error(whole, start)),
      4,
    ),
  };
}

async function finished(options: ProjectSequenceOptions): Promise<SequenceFrame[]> {
  const frames: SequenceFrame[] = [];
  for await (const frame of projectSequence(options)) frames.push(frame);
  return frames;
}

/** Draws and measures frames; those that were before are known. */
function judgeOf({ generator, landmarkNet: net }: Awaited<ReturnType<typeof avatarPack>>) {
  const known = new WeakMap<Float32Array, Promise<{ image: RgbImage; error: number }>>();
  const measure = async ({ latent, driver }: SequenceFrame) => {
    const image = await drawn(latent, generator);
    const { landmarks } = await detectLandmarks(image, centredSquare(image), net);
    const target = driver.targetLandmarks!.map((value) => (value * image.width) / driver.image.width);
    let sum = 0;
    for (let i = 0; i < landmarks.length; i += 2)
      sum += Math.hypot(landmarks[i]! - target[i]!, landmarks[i + 1]! - target[i + 1]!);
    return { image, error: (2 * sum) / landmarks.length / outerEyeDistance(target) };
  };
  return async (frames: readonly SequenceFrame[]): Promise<Judged> => {
    const measured = [];
    for (const frame of frames) {
      const result = known.get(frame.latent.data) ?? measure(frame);
      known.set(frame.latent.data, result);
      measured.push(await result);
    }
    return {
      latents: frames.map(({ latent }) => latent.data),
      images: measured.map(({ image }) => image),
      errors: measured.map(({ error }) => error),
    };
  };
}

async function drawn(latent: SequenceFrame['latent'], generator: Generator): Promise<RgbImage> {
  for await (const image of render([latent], generator)) return image;
  throw new Error('There is no picture.');
}

/** Mean absolute difference of two pictures, 0..255. */
function difference({ data: a }: RgbImage, { data: b }: RgbImage): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / a.length;
}

function rms(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum / a.length);
}

const round = (value: number, digits = 3) => Number(value.toFixed(digits));

function parseOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      shared: { type: 'string', default: '../shared' },
      clips: { type: 'string', default: 'talk,scream' },
      look: { type: 'string', default: '03' },
      frames: { type: 'string', default: '34' },
      at: { type: 'string', default: '8,18' },
      span: { type: 'string', default: '16' },
      backend: { type: 'string' },
    },
  });
  return {
    shared: values.shared,
    clips: values.clips.split(','),
    look: values.look,
    frames: wholeNumber('frames', values.frames),
    at: values.at.split(',').map((text) => wholeNumber('at', text)),
    span: wholeNumber('span', values.span),
    backend: values.backend as BackendName | undefined,
  };
}
