import { parseArgs } from 'node:util';
import { openBackend } from '@faceanim/backend-node';
import {
  type AlignedFrame,
  type Generator,
  identityLosses,
  imageToTensor,
  latentStatistics,
  type PerceptualNet,
  tensorToImages,
} from '@faceanim/core';
import { centredSquare } from '@faceanim/core/landmarks';
import { readImage } from '@faceanim/media';
import { type AvatarPack, avatarPack, loadLpips } from '@faceanim/models';
import { asImageTensor, fitTo, type ImageTensor, randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { latentSpace } from '../packages/core/src/latents/latent-space';
import { createObjective } from '../packages/core/src/optimization/objective';
import { termUnits } from '../packages/core/src/optimization/term-units';
import type { BenchmarkContext } from './run';
import { randomGenerator } from './support/random-generator';

export const description =
  'how strong the default loss terms are on other networks, with relative weights and with fixed ones [--shared FOLDER] [--backend NAME]';

/** Compares the gradients of the weighted terms at random faces, in whitened coordinates. */
export async function run({ args, log }: BenchmarkContext) {
  const { shared, backend: prefer } = parseArgs({
    args,
    options: { shared: { type: 'string', default: '../shared' }, backend: { type: 'string' } },
  }).values;
  await using backend = await openBackend({ prefer });
  using pack = await avatarPack({ fanModules: 1 });
  using squeeze = await loadLpips({ net: 'squeeze', trunk: `${shared}/weights/lpips-squeeze.safetensors` });
  using stranger = randomGenerator(64);
  const looks = await Promise.all(
    ['01', '02', '03', '04'].map((name) => readImage(`${shared}/media/look-${name}.png`)),
  );
  const { landmarkNet } = pack;
  const units: object[] = [];
  const gradients: object[] = [];
  let fixed: Units | undefined;
  for (const [networks, generator, perceptual] of [
    ['pack, LPIPS student', pack.generator, pack.perceptual],
    ['pack, LPIPS squeeze', pack.generator, squeeze],
    ['config-f of 64 pixels, untrained, student', stranger, pack.perceptual],
    ['config-f of 64 pixels, untrained, squeeze', stranger, squeeze],
  ] as const) {
    log(networks);
    const pictures = looks.map((look) =>
      tf.tidy(() => fitTo(imageToTensor(look, 'signed'), generator.resolution)),
    );
    const measured = await measure({ generator, landmarkNet, perceptual }, pictures, fixed);
    fixed ??= measured.units;
    units.push({ networks, ...measured.units, ...measured.looks });
    gradients.push(...measured.gradients.map((row) => ({ networks, ...row })));
    tf.dispose(pictures);
  }
  return { backend: backend.description, units, gradients };
}

interface Networks extends Pick<AvatarPack, 'landmarkNet'> {
  generator: Generator;
  perceptual: PerceptualNet;
}

/** Units by the name of their term. */
type Units = Readonly<Record<string, number>>;

/**
 * Units, and norms of the gradients of the weighted terms, with these units and with fixed ones; means over the looks.
 *
 * @param fixed units of other networks. Default: of these.
 */
async function measure(networks: Networks, looks: readonly ImageTensor<'signed'>[], fixed?: Units) {
  const { generator } = networks;
  const { numWs, wDim } = generator;
  const statistics = await latentStatistics(generator, { samples: 2000 });
  using space = latentSpace('whitened-w', statistics, numWs);
  const mean = tf.tensor3d(statistics.mean, [1, 1, wDim]);
  const terms = identityLosses(networks);
  const measured = await termUnits(terms, { generator, space, mean, look: true });
  const units: Units = Object.fromEntries([...measured].map(([{ name }, unit]) => [name, unit]));
  const toMean = { lpips: [] as number[], pixel: [] as number[] };
  const norms = terms.map(() => ({ fixed: 0, relative: 0 }));
  const origin = tf.tensor3d(space.origin, [1, ...space.shape]);
  const ones = tf.ones<tf.Rank.R2>([terms.length, 1]);
  for (const [i, look] of looks.entries()) {
    const u = tf.tensor3d(space.fromWs(await faceAt(generator, i)), [1, ...space.shape]);
    const previous = tf.tensor3d(await faceAt(generator, i + 10), [1, numWs, wDim]);
    using objective = createObjective({
      terms,
      generator,
      frame: { index: 1, drivers: [await driver(generator, i + 20)], look, previous, mean },
      space,
    });
    const weights = objective.weights({ step: 9, steps: 10 });
    const atMean = await objective.evaluate(origin, { weights: ones }).losses.data();
    toMean.lpips.push(atMean[0]!);
    toMean.pixel.push(atMean[1]!);
    for (const [k, { name }] of terms.entries()) {
      const { gradient } = objective.evaluate(u, { weights: ones, active: terms.map((_, j) => j === k) });
      const norm = (weights[k]! * (await tf.norm(gradient).data())[0]!) / looks.length;
      norms[k]!.fixed += norm / ((fixed ?? units)[name] ?? 1);
      norms[k]!.relative += norm / (units[name] ?? 1);
    }
  }
  const digits = (x: number) => Number(x.toPrecision(3));
  return {
    units,
    looks: Object.fromEntries(
      Object.entries(toMean).map(([name, values]) => [`${name}, looks`, values.map(digits).join(' ')]),
    ),
    gradients: terms.map(({ name }, k) => ({
      term: name,
      fixed: digits(norms[k]!.fixed),
      relative: digits(norms[k]!.relative),
    })),
  };
}

async function faceAt(generator: Generator, seed: number): Promise<Float32Array> {
  const z = Float32Array.from(randomState(seed).randn(generator.zDim));
  const ws = tf.tidy(() => generator.mapping(tf.tensor2d(z, [1, z.length])));
  return (await ws.data()) as Float32Array;
}

async function driver(generator: Generator, seed: number): Promise<AlignedFrame> {
  const ws = await faceAt(generator, seed);
  const drawn = tf.tidy(() => generator.synthesis(tf.tensor3d(ws, [1, generator.numWs, generator.wDim])));
  const image = (await tensorToImages(asImageTensor(drawn, 'signed'), 'signed'))[0]!;
  drawn.dispose();
  const landmarks = new Float64Array(136);
  return {
    ...{ index: 1, shot: 0, found: true, image, score: 1 },
    ...{ landmarks, alignedLandmarks: landmarks, quad: centredSquare(image) },
  };
}
