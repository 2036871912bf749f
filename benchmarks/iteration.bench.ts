import { parseArgs } from 'node:util';
import { openBackend } from '@faceanim/backend-node';
import {
  type AlignedFrame,
  adam,
  createObjective,
  type Generator,
  identityLosses,
  type LatentSpace,
  latentSpace,
  latentStatistics,
  type OptimizeLatentsOptions,
  startState,
  stepLatent,
  tensorToImages,
} from '@faceanim/core';
import { centredSquare, standardLandmarkInput } from '@faceanim/core/landmarks';
import { type AvatarPack, avatarPack, factorsToZ } from '@faceanim/models';
import { fitTo, type ImageTensor, randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { BenchmarkContext } from './run';
import { wholeNumber } from './support/whole-number';

export const description =
  'ms per optimisation iteration on the avatar pack, its parts, and peak memory [--backend NAME] [--allow-software] [--iterations N]';

const warmUp = 3;

export async function run({ args, log }: BenchmarkContext) {
  const { backend: prefer, allowSoftware, iterations } = parseOptions(args);
  await using backend = await openBackend({ prefer, allowSoftware });
  log(`${backend.description}, ${iterations} iterations after ${warmUp} to warm up`);
  const iteration: Record<string, unknown>[] = [];
  const parts: Record<string, unknown>[] = [];
  for (const [fan, fanModules] of [
    ['first module', 1],
    ['all modules', undefined],
  ] as const) {
    using pack = await avatarPack({ fanModules });
    log(`whole iterations, FAN with ${fan}`);
    iteration.push({ fan, ...(await measureIteration(pack, iterations)), peakRssMB: peakRss() });
    log(`parts, FAN with ${fan}`);
    parts.push(...(await measureParts(pack, fan, iterations, parts.length === 0)));
  }
  return { backend: backend.description, iteration, parts };
}

function parseOptions(args: string[]) {
  const {
    backend,
    'allow-software': allowSoftware,
    iterations,
  } = parseArgs({
    args,
    options: {
      backend: { type: 'string' },
      'allow-software': { type: 'boolean' },
      iterations: { type: 'string', default: '10' },
    },
  }).values;
  return { backend, allowSoftware, iterations: wholeNumber('iterations', iterations) };
}

/** One step of a later frame with the default losses: every term takes part. */
async function measureIteration(pack: AvatarPack, iterations: number) {
  const { generator } = pack;
  const statistics = await latentStatistics(generator);
  using space: LatentSpace = latentSpace('whitened-w', statistics, generator.numWs);
  const look = face(pack, 1);
  const previous = tf.tidy(() => space.toWs(tf.tensor2d(space.origin, [...space.shape])));
  const mean = tf.tensor3d(statistics.mean, [1, 1, statistics.wDim]);
  const objective = createObjective({
    terms: identityLosses(pack),
    generator,
    frame: { index: 1, drivers: [await driver(pack)], look, previous, mean },
    space,
  });
  const options: OptimizeLatentsOptions = {
    objective,
    space,
    start: space.origin,
    steps: iterations + warmUp + 1,
    optimizer: adam({ learningRate: 0.03 }),
    random: randomState(0),
  };
  let state = startState(options);
  const step = () => {
    const result = stepLatent(state, options);
    tf.dispose(state.tensors);
    state = result.state;
    result.gradient.dispose();
    return result.losses;
  };
  const ms = await median(step, iterations);
  const { peakBytes, kernels, result } = await tf.profile(step as never);
  (result as tf.Tensor).dispose();
  tf.dispose(state.tensors);
  objective[Symbol.dispose]();
  tf.dispose([look, previous, mean]);
  return { ms, kernels: kernels.length, peakTensorsMB: megabytes(peakBytes) };
}

/** Each network alone: forward, and its gradient less the forward pass. */
async function measureParts(pack: AvatarPack, fan: string, iterations: number, all: boolean) {
  const { generator, landmarkNet, perceptual } = pack;
  const ws = latent(generator, zOf(pack, 1));
  const image = face(pack, 1);
  const unit = tf.tidy(() => standardLandmarkInput(image, landmarkNet, 'result'));
  const look = tf.tidy(() => perceptual.features(fitTo(face(pack, 2), 256)));
  const parts: [string, (x: tf.Tensor) => tf.Tensor, tf.Tensor][] = [
    [`FAN, ${fan}`, (x) => landmarkNet.heatmaps(x as typeof unit), unit],
  ];
  if (all) {
    parts.unshift(['generator', (x) => generator.synthesis(x as tf.Tensor3D), ws]);
    parts.push([
      'LPIPS student',
      (x) => perceptual.distance(perceptual.features(x as ImageTensor<'signed'>), look),
      image,
    ]);
  }
  const rows = [];
  for (const [part, f, x] of parts) {
    const forward = await median(() => tf.tidy(() => f(x)), iterations);
    const dy = tf.tidy(() => tf.onesLike(f(x)));
    const both = await median(() => tf.tidy(() => tf.grad(f)(x, dy)), iterations);
    dy.dispose();
    rows.push({ part, forward, backward: round(both - forward), both });
  }
  tf.dispose([ws, image, unit, ...look]);
  return rows;
}

/** Median time of a call in ms, with the wait for its result. */
async function median(call: () => tf.Tensor, iterations: number): Promise<number> {
  const times: number[] = [];
  for (let i = -warmUp; i < iterations; i++) {
    const start = performance.now();
    const result = call();
    // One element: a GPU has to finish, and nothing large is copied.
    const first = tf.tidy(() => tf.slice(tf.reshape(result, [-1]), 0, 1));
    await first.data();
    if (i >= 0) times.push(performance.now() - start);
    tf.dispose([result, first]);
  }
  times.sort((a, b) => a - b);
  const middle = times.length >> 1;
  return round(times.length % 2 === 1 ? times[middle]! : (times[middle - 1]! + times[middle]!) / 2);
}

const zOf = (pack: AvatarPack, seed: number) => factorsToZ(pack.factors, {}, { seed });

function latent(generator: Generator, z: Float32Array): tf.Tensor3D {
  return tf.tidy(() => generator.mapping(tf.tensor2d(z, [1, z.length])));
}

function face(pack: AvatarPack, seed: number): ImageTensor<'signed'> {
  return tf.tidy(() => pack.generator.synthesis(latent(pack.generator, zOf(pack, seed))));
}

/** As a tracker would have given it; the losses look at the picture alone. */
async function driver(pack: AvatarPack): Promise<AlignedFrame> {
  const drawn = face(pack, 2);
  const image = (await tensorToImages(drawn, 'signed'))[0]!;
  drawn.dispose();
  const landmarks = new Float64Array(2 * pack.landmarkNet.points);
  return { index: 1, image, landmarks, alignedLandmarks: landmarks, quad: centredSquare(image), score: 1 };
}

/** Most memory that the process has held so far, tensors and code. */
const peakRss = () => megabytes(process.resourceUsage().maxRSS * 1024);

const megabytes = (bytes: number) => Math.round(bytes / 1e6);
const round = (ms: number) => Math.round(10 * ms) / 10;
