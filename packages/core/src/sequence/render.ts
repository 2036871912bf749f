import * as tf from '@tensorflow/tfjs-core';
import type { Latent } from '../contracts/frames';
import type { Generator } from '../contracts/generator';
import type { RgbImage } from '../contracts/image';
import type { OnProgress } from '../contracts/progress';
import { FaceanimError, throwIfAborted } from '../errors';
import { tensorToImages } from '../media/image-tensors';
import { pause } from '../pause';
import { timeLeft } from '../time-left';
import { type LatentSource, latentOf } from './interpolate';

/** Options of {@link render}. */
export interface RenderOptions {
  /** `const` (default): the noise maps of the checkpoint; `none`; or maps by layer name, e.g. those of a projected frame. */
  noise?: 'const' | 'none' | Readonly<Record<string, Float32Array>>;
  /** `round` to the nearest byte (default), or `truncate`, as the original program saves its images. */
  rounding?: 'round' | 'truncate';
  /** Images synthesised at once. Default 1. */
  batch?: number;
  /** Number of latents, for the share done and the time left. */
  frames?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * Synthesises the image of each latent, `resolution` × `resolution` RGB, clamped to 0..255.
 *
 * @throws {FaceanimError} `invalid-option` for latents of another generator, naming the frame; `aborted`.
 */
export async function* render(
  latents: AsyncIterable<LatentSource> | Iterable<LatentSource>,
  generator: Generator,
  { noise = 'const', rounding, batch = 1, frames, signal, onProgress }: RenderOptions = {},
): AsyncGenerator<RgbImage> {
  const maps = typeof noise === 'string' ? noise : noiseTensors(noise, generator);
  let waiting: Latent[] = [];
  let done = 0;
  const left = timeLeft(frames);
  const report = (frame: number) => {
    const etaSeconds = left.seconds(done);
    onProgress?.({
      stage: 'render',
      frame,
      frames,
      ...(frames ? { fraction: done / frames } : {}),
      ...(etaSeconds !== undefined ? { etaSeconds } : {}),
    });
    // The first picture may compile programs.
    if (done > 0) left.start(done);
  };
  const flush = async function* () {
    report(done);
    await pause();
    const { numWs, wDim } = generator;
    const data = new Float32Array(waiting.length * numWs * wDim);
    waiting.forEach((latent, i) => {
      data.set(latent.data, i * numWs * wDim);
    });
    const ws = tf.tensor3d(data, [waiting.length, numWs, wDim]);
    const image = tf.tidy(() => generator.synthesis(ws, { noise: maps }));
    ws.dispose();
    waiting = [];
    const images = await tensorToImages(image, 'signed', rounding);
    image.dispose();
    for (const rgb of images) {
      yield rgb;
      done++;
      report(done - 1);
    }
  };
  try {
    let index = 0;
    for await (const source of latents) {
      throwIfAborted(signal, { frame: index });
      const latent = latentOf(source);
      checkLatent(latent, generator, index++);
      waiting.push(latent);
      if (waiting.length >= batch) yield* flush();
    }
    if (waiting.length > 0) yield* flush();
  } finally {
    if (typeof maps !== 'string') tf.dispose(Object.values(maps));
  }
}

function noiseTensors(noise: Readonly<Record<string, Float32Array>>, generator: Generator) {
  return Object.fromEntries(
    Object.entries(generator.noiseMaps).map(([name, map]) => [
      name,
      noise[name] ? tf.tensor2d(noise[name], map.shape) : tf.clone(map),
    ]),
  );
}

function checkLatent(latent: Latent, { numWs, wDim }: Generator, frame: number): void {
  if (latent.numWs === numWs && latent.wDim === wDim) return;
  throw new FaceanimError(
    'invalid-option',
    `Latent ${frame} is [${latent.numWs}, ${latent.wDim}]; the generator takes [${numWs}, ${wDim}].`,
    { frame, hint: 'Render latents with the generator that they were projected for.' },
  );
}
