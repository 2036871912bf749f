import { type Backend, FaceanimError, pause, throwIfAborted, timeLeft } from '@faceanim/tensor';
import {
  aFunction,
  anAbortSignal,
  backendCheck,
  checkOptions,
  either,
  mapsOfNumbers,
  type OptionChecks,
  oneOf,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import type { Latent } from '../contracts/frames';
import type { Generator, NoiseMaps } from '../contracts/generator';
import type { RgbImage } from '../contracts/image';
import type { OnProgress } from '../contracts/progress';
import { tensorToImages } from '../images/image-tensors';
import { generatorCheck, latentsCheck } from '../options';
import { checkNoiseMaps } from './check-noise-maps';
import { type LatentSource, latentOf } from './latent-source';

/**
 * Options of {@link render}.
 *
 * @category Latents and pictures
 */
export interface RenderOptions {
  /**
   * Noise maps of all images: `const`, those of the checkpoint; `none`; or maps by layer name. Default: those of the latent
   * (`Latent.noise`, if the run has optimised them), else those of the checkpoint.
   */
  noise?: 'const' | 'none' | Readonly<Record<string, Float32Array>>;
  /** `round` to the nearest byte (default), or `truncate`, as the original program saves its images. */
  rounding?: 'round' | 'truncate';
  /** Number of images synthesised together. Default 1. */
  batch?: number;
  /** Number of latents, used only to report progress. */
  frames?: number;
  /** The backend to run on; it is activated before every batch. Default: the active backend. */
  backend?: Backend;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

const checks: OptionChecks<RenderOptions> = {
  noise: either("'const', 'none' or noise maps by layer name", oneOf('const', 'none'), mapsOfNumbers),
  rounding: oneOf('round', 'truncate'),
  batch: wholeNumberFrom(1),
  frames: wholeNumberFrom(0),
  backend: backendCheck,
  signal: anAbortSignal,
  onProgress: aFunction,
};

/**
 * Renders the image of each latent, RGB of `resolution` × `resolution` pixels, clamped to 0..255.
 *
 * @throws {FaceanimError} `invalid-option` for anything but latents, and for those of another generator, with the frame; `aborted`. No tensors are leaked.
 * @category Latents and pictures
 */
export async function* render(
  latents: AsyncIterable<LatentSource> | Iterable<LatentSource>,
  generator: Generator,
  options: RenderOptions = {},
): AsyncGenerator<RgbImage> {
  checkOptions('render', options, checks);
  latentsCheck(latents, 'The latents of render');
  generatorCheck(generator, 'The generator of render');
  const { rounding, batch = 1, frames, backend, signal, onProgress } = options;
  let waiting: Latent[] = [];
  let done = 0;
  const left = timeLeft(frames);
  const report = (frame: number) => {
    onProgress?.({ stage: 'render', frame, frames, ...left.at(done) });
    // Do not time the first image, which may compile programs.
    if (done > 0) left.start(done);
  };
  const flush = async function* () {
    report(done);
    await pause();
    await backend?.activate();
    const drawn = waiting;
    waiting = [];
    for (const rgb of await draw(drawn, generator, options.noise ?? drawn[0]!.noise ?? 'const', rounding)) {
      yield rgb;
      done++;
      report(done - 1);
    }
  };
  let index = 0;
  for await (const source of latents) {
    throwIfAborted(signal, { frame: index });
    const latent = latentOf(source, index);
    checkLatent(latent, generator, index++);
    // The images of a batch share their noise maps.
    if (waiting.length > 0 && waiting[0]!.noise !== latent.noise) yield* flush();
    waiting.push(latent);
    if (waiting.length >= batch) yield* flush();
  }
  if (waiting.length > 0) yield* flush();
}

/** Renders latents as one batch. */
async function draw(
  latents: readonly Latent[],
  generator: Generator,
  noise: NonNullable<RenderOptions['noise']>,
  rounding: RenderOptions['rounding'],
): Promise<RgbImage[]> {
  const { numWs, wDim } = generator;
  const data = new Float32Array(latents.length * numWs * wDim);
  latents.forEach((latent, i) => {
    data.set(latent.data, i * numWs * wDim);
  });
  const image = tf.tidy(() =>
    generator.synthesis(tf.tensor3d(data, [latents.length, numWs, wDim]), {
      noise: typeof noise === 'string' ? noise : noiseTensors(noise, generator),
    }),
  );
  try {
    return await tensorToImages(image, 'signed', rounding);
  } finally {
    image.dispose();
  }
}

/** Noise maps as tensors. Layers without a map use that of the checkpoint. */
function noiseTensors(noise: Readonly<Record<string, Float32Array>>, generator: Generator): NoiseMaps {
  checkNoiseMaps('noise', noise, generator);
  return Object.fromEntries(
    Object.entries(noise).map(([name, values]) => [
      name,
      tf.tensor2d(values, generator.noiseMaps[name]!.shape),
    ]),
  );
}

function checkLatent(latent: Latent, { numWs, wDim }: Generator, frame: number): void {
  if (latent.numWs === numWs && latent.wDim === wDim) return;
  throw new FaceanimError(
    'invalid-option',
    `Latent ${frame} is [${latent.numWs}, ${latent.wDim}]; the generator takes [${numWs}, ${wDim}].`,
    { frame, hint: 'Render latents with the generator for which they were optimised.' },
  );
}
