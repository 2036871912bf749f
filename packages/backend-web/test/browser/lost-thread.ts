import { type FaceanimError, FrozenConv } from '@faceanim/tensor';
import { openWasmBackend, type ThreadPlatform } from '@faceanim/tensor/backends';
import * as tfjs from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { webThreads } from '../../src/runtimes/wasm-threads';

/** What the page found out. */
export interface LostThreadReport {
  /** What an operation threw whose thread never finished its part, and what the one after it did. */
  readonly errors: readonly { readonly code: string; readonly message: string }[];
  /** Sum of the same operation on a backend that was opened afterwards. */
  readonly sum: number;
}

const open = async (platform: ThreadPlatform<Worker>) => {
  const backend = await openWasmBackend({ tfjs, threads: 3, platform });
  await backend.activate();
  return backend;
};

/** Loses threads in an operation, as when the browser ends them, while time passes quickly. */
export default async function run(): Promise<LostThreadReport> {
  tfjs.setWasmPaths(`${location.origin}/wasm/`);
  const platform = webThreads(`${location.origin}/wasm/tfjs-backend-wasm-threaded-simd.wasm`);
  if (typeof platform === 'string') throw new Error(platform);
  const errors: FaceanimError[] = [];
  {
    const never = 'Atomics.wait(control, is.hasFailed, 0), functionAt(words';
    const startWorker = (script: string) => platform.startWorker(script.replace('functionAt(words', never));
    await using _backend = await open({ ...platform, startWorker });
    const now = performance.now.bind(performance);
    performance.now = () => 200 * now();
    // Until a thread takes a part.
    while (errors.length === 0) await compute().catch((error) => errors.push(error));
    await compute().catch((error) => errors.push(error));
    performance.now = now;
  }
  await using _again = await open(platform);
  return { errors: errors.map(({ code, message }) => ({ code, message })), sum: await compute() };
}

/** The sum of an image of 0.5 after a convolution whose taps are 1, large enough for all threads. */
async function compute(): Promise<number> {
  using conv = new FrozenConv({ shape: [16, 16, 1, 1], data: new Float32Array(256).fill(1) });
  const sum = tf.tidy(() => tf.sum(conv.apply(tf.fill<tf.Rank.R4>([1, 64, 64, 16], 0.5))));
  const [total] = await sum.data();
  sum.dispose();
  return total!;
}
