import { openBackend } from '@faceanim/backend-web';
import {
  type Live,
  type LiveOptions,
  openLive,
  type ProgressEvent,
  type RgbImage,
  rgbFromRgba,
} from '@faceanim/core';
import { avatarPack } from '@faceanim/models';
import { toWire, type WireError } from '@faceanim/tensor/errors';
import { expose, transfer } from 'comlink';

/** What a live session is opened with. */
export interface LiveRequest extends Pick<LiveOptions, 'budgetMs' | 'gain' | 'lag' | 'pose'> {
  readonly look: RgbImage;
  /** The backend; the fastest that starts if there is none. */
  readonly backend?: 'webgpu' | 'webgl' | 'wasm';
}

/** A result for the page. */
export interface LiveResult {
  readonly image: RgbImage;
  readonly found: boolean;
  readonly steps: number;
  readonly latencyMs: number;
}

/** The outcome of a call: errors lose their codes on their way between threads. */
export type Outcome<T> = { readonly value: T } | { readonly error: WireError };

let live: Live | undefined;
let canvas: OffscreenCanvas | undefined;

const calls = {
  /** Opens a session, and says on which backend. */
  async open(
    { backend: prefer, ...options }: LiveRequest,
    onProgress: (event: ProgressEvent) => void,
  ): Promise<Outcome<string>> {
    return outcome(async () => {
      const backend = await openBackend(prefer && { prefer, allowSoftware: true });
      const models = await avatarPack({ onProgress });
      live = await openLive({ ...models, ...options, backend, onProgress });
      return backend.description;
    });
  },

  /** Animates the look after one more picture of the camera. */
  async next(picture: ImageBitmap): Promise<Outcome<LiveResult>> {
    const result = await outcome(async () => {
      const { image, found, steps, latencyMs } = await live!.next(pixelsOf(picture));
      return { image, found, steps, latencyMs };
    });
    return 'value' in result ? transfer(result, [result.value.image.data.buffer]) : result;
  },
};

/** The calls of the worker. */
export type LiveCalls = typeof calls;

function pixelsOf(picture: ImageBitmap): RgbImage {
  const { width, height } = picture;
  if (canvas?.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.drawImage(picture, 0, 0);
  picture.close();
  return rgbFromRgba(context.getImageData(0, 0, width, height));
}

async function outcome<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: toWire(error) };
  }
}

expose(calls);
