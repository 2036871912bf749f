import { avatarPack } from '@faceanim/models';
import { FrozenConv } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { openBackend } from '../../src';

/** What the page found out. */
export interface ProductionReport {
  readonly isolated: boolean;
  readonly description: string;
  /** The slope of x² at 3 by the backend that was left when the other holder had closed its own. */
  readonly slope: number;
  /** Seconds until both holders had their backend. */
  readonly seconds: number;
  /** Sum of an image of 0.5 after a convolution whose taps are 1, large enough for all threads. */
  readonly sum: number;
  /** Tensors after a pack was opened and disposed of by `using`. */
  readonly tensors: number;
}

/** Opens the WASM backend twice at once, as a page of a strict framework does, closes one and computes on the other. */
export default async function run(): Promise<ProductionReport> {
  const started = performance.now();
  const open = () => openBackend({ prefer: 'wasm', threads: 3, wasmPaths: `${location.origin}/wasm/` });
  const [first, second] = await Promise.all([open(), open()]);
  const seconds = (performance.now() - started) / 1000;
  await first[Symbol.asyncDispose]();
  await using backend = second;
  await backend.activate();
  const slope = tf.tidy(() => tf.grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([3])));
  const [value] = await slope.data();
  slope.dispose();
  const conv = new FrozenConv({ shape: [16, 16, 1, 1], data: new Float32Array(256).fill(1) });
  const sum = tf.tidy(() => tf.sum(conv.apply(tf.fill<tf.Rank.R4>([1, 64, 64, 16], 0.5))));
  conv[Symbol.dispose]();
  const [total] = await sum.data();
  sum.dispose();
  {
    using _pack = await avatarPack({ folder: new URL('/avatar/', location.origin), fanModules: 1 });
  }
  return {
    isolated: crossOriginIsolated,
    description: backend.description,
    slope: value!,
    sum: total!,
    seconds,
    tensors: tf.memory().numTensors,
  };
}
