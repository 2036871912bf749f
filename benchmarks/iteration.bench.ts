import { parseArgs } from 'node:util';
import { openBackend } from '@faceanim/backend-node';
import {
  type AlignedFrame,
  adam,
  type Generator,
  identityLosses,
  latentStatistics,
  tensorToImages,
} from '@faceanim/core';
import { centredSquare, standardLandmarkInput } from '@faceanim/core/landmarks';
import { type AvatarPack, avatarPack, factorsToZ } from '@faceanim/models';
import { fitTo, type ImageTensor, randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { type LatentSpace, latentSpace } from '../packages/core/src/latents/latent-space';
import { createObjective } from '../packages/core/src/optimization/objective';
import type { OptimizeLatentsOptions } from '../packages/core/src/optimization/optimize-latents';
import { startState, stepLatent } from '../packages/core/test/support/single-step';
import type { BenchmarkContext } from './run';
import { measure, megabytes, peakRssMB, tenths } from './support/measure';
import { measureParts, type Part } from './support/measure-parts';
import { wholeNumber } from './support/whole-number';

export const description =
  'ms per optimisation iteration on the avatar pack, its parts, and peak memory [--backend NAME] [--allow-software] [--iterations N]';

/** How many times a call is timed, and how many times it runs before that. */
type Counts = Readonly<Record<'iterations' | 'warmUp', number>>;

export async function run({ args, log }: BenchmarkContext) {
  const { backend: prefer, allowSoftware, iterations } = parseOptions(args);
  const counts = { iterations, warmUp: 3 };
  await using backend = await openBackend({ prefer, allowSoftware });
  log(`${backend.description}, ${iterations} iterations after ${counts.warmUp} to warm up`);
  const iteration: object[] = [];
  const parts: object[] = [];
  for (const [fan, fanModules] of [
    ['first module', 1],
    ['all modules', undefined],
  ] as const) {
    using pack = await avatarPack({ fanModules });
    log(`whole iterations, FAN with ${fan}`);
    iteration.push({ fan, ...(await measureIteration(pack, counts)), peakRssMB: peakRssMB() });
    log(`parts, FAN with ${fan}`);
    parts.push(...(await measureNetworks(pack, fan, counts, parts.length === 0)));
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

/** One step of a later frame with the default losses, in which every term takes part. */
async function measureIteration(pack: AvatarPack, counts: Counts) {
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
    steps: counts.iterations + counts.warmUp + 1,
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
  const { ms } = await measure(step, counts);
  const { peakBytes, kernels, result } = await tf.profile(step as never);
  (result as tf.Tensor).dispose();
  tf.dispose(state.tensors);
  objective[Symbol.dispose]();
  tf.dispose([look, previous, mean]);
  return { ms: tenths(ms), kernels: kernels.length, peakTensorsMB: megabytes(peakBytes) };
}

/** Each network alone; without `all`, only FAN. */
async function measureNetworks(pack: AvatarPack, fan: string, counts: Counts, all: boolean) {
  const { generator, landmarkNet, perceptual } = pack;
  const ws = latent(generator, zOf(pack, 1));
  const image = face(pack, 1);
  const unit = tf.tidy(() => standardLandmarkInput(image, landmarkNet, 'result'));
  const look = tf.tidy(() => perceptual.features(fitTo(face(pack, 2), 256)));
  const parts: Part[] = [
    { name: `FAN, ${fan}`, run: (x) => landmarkNet.heatmaps(x as ImageTensor<'unit'>), input: unit },
  ];
  if (all) {
    parts.unshift({
      name: 'generator',
      run: (x) => generator.synthesis(x as tf.Tensor as tf.Tensor3D),
      input: ws,
    });
    parts.push({
      name: 'LPIPS student',
      run: (x) => perceptual.distance(perceptual.features(x as ImageTensor<'signed'>), look),
      input: image,
    });
  }
  const rows = await measureParts(parts, counts);
  tf.dispose([ws, image, unit, ...look]);
  return rows;
}

const zOf = (pack: AvatarPack, seed: number) => factorsToZ(pack.factors, {}, { seed });

function latent(generator: Generator, z: Float32Array): tf.Tensor3D {
  return tf.tidy(() => generator.mapping(tf.tensor2d(z, [1, z.length])));
}

function face(pack: AvatarPack, seed: number): ImageTensor<'signed'> {
  return tf.tidy(() => pack.generator.synthesis(latent(pack.generator, zOf(pack, seed))));
}

/** A frame as from a tracker. The losses see only its picture. */
async function driver(pack: AvatarPack): Promise<AlignedFrame> {
  const drawn = face(pack, 2);
  const image = (await tensorToImages(drawn, 'signed'))[0]!;
  drawn.dispose();
  const landmarks = new Float64Array(2 * pack.landmarkNet.points);
  const shown = { index: 1, shot: 0, found: true, image, quad: centredSquare(image), score: 1 };
  return { ...shown, landmarks, alignedLandmarks: landmarks };
}
