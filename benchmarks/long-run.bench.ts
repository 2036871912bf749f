import { parseArgs } from 'node:util';
import { openBackend } from '@faceanim/backend-node';
import { type LandmarkNet, projectSequence } from '@faceanim/core';
import { heatmaps, smooth } from '@faceanim/core/losses';
import { tinyGenerator, tinyLandmarkNet } from '@faceanim/core/testing';
import { asImageTensor } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { BenchmarkContext } from './run';
import { megabytes } from './support/measure';
import { wholeNumber } from './support/whole-number';

export const description =
  'memory over a long run, as a curve: tiny networks on WASM, a driver that is read again or kept [--frames N] [--steps N] [--kept]';

/** Side of the driver's pictures and crops. */
const side = 256;

export async function run({ args, log }: BenchmarkContext) {
  const { values } = parseArgs({
    args,
    options: { frames: { type: 'string' }, steps: { type: 'string' }, kept: { type: 'boolean' } },
  });
  const frames = wholeNumber('frames', values.frames ?? '1000');
  const steps = wholeNumber('steps', values.steps ?? '10');
  await using backend = await openBackend({ prefer: 'wasm', threads: 1 });
  await backend.activate();
  using generator = tinyGenerator();
  using small = tinyLandmarkNet();
  const landmarkNet = largeInput(small);
  const driver = () => clip(frames);
  const sequence = projectSequence({
    ...{ generator, landmarkNet, backend, driver: values.kept ? driver() : driver, frames },
    losses: [heatmaps({ net: landmarkNet, weight: 0.01 }), smooth()],
    tracking: { align: 'none', minScore: 0 },
    steps: { first: steps, next: steps },
    ...{ earlyStopping: false, statistics: { samples: 300 } },
  });
  const rows: object[] = [];
  let taken = 0;
  const every = Math.max(1, Math.round(frames / 10));
  for await (const frame of sequence) {
    taken += frame.steps;
    if ((frame.index + 1) % every !== 0 && frame.index > 0) continue;
    globalThis.gc?.();
    const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
    rows.push({
      ...{ frames: frame.index + 1, steps: taken, tensors: tf.memory().numTensors },
      ...{ arraysMB: megabytes(arrayBuffers), heapMB: megabytes(heapUsed), rssMB: megabytes(rss) },
    });
    log(JSON.stringify(rows.at(-1)));
  }
  return rows;
}

/** The network with an input of 256 pixels, so that crops have their usual size. */
function largeInput(net: LandmarkNet): LandmarkNet {
  const factor = side / net.inputSize;
  return {
    ...net,
    inputSize: side,
    heatmaps: (image) =>
      tf.tidy(() => {
        const shrunk = tf.avgPool(image as tf.Tensor4D, factor, factor, 'valid');
        return net.heatmaps(asImageTensor(shrunk, 'unit'));
      }),
  };
}

/** Noise that moves to the left. */
function* clip(frames: number) {
  const noise = new Uint8Array(side * side * 3 + 3 * frames);
  for (let i = 0; i < noise.length; i++) noise[i] = (i * 2654435761) >>> 24;
  for (let index = 0; index < frames; index++) {
    const data = noise.slice(3 * index, 3 * index + side * side * 3);
    yield { index, image: { width: side, height: side, data } };
  }
}
