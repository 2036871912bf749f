import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  identityLosses,
  type LandmarkNet,
  latentStatistics,
  type PerceptualNet,
  projectSequence,
  type SequenceFrame,
} from '@faceanim/core';
import { trackClip } from '@faceanim/core/landmarks';
import { type LossTerm, lpips, pixel } from '@faceanim/core/losses';
import { readImage, readVideo } from '@faceanim/media';
import { type AvatarPack, avatarPack } from '@faceanim/models';
import { fitTo, type ImageTensor, randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { BenchmarkContext } from './run';
import { openAnyBackend } from './support/open-any-backend';
import { meanLosses, wholeLosses } from './support/whole-losses';
import { wholeNumber } from './support/whole-number';

export const description =
  'what smaller images in the steps cost in quality, on the avatar pack with networks that see them [--resolution N] [--pairs CLIP:LOOK,…] [--frames N] [--every N] [--media FOLDER] [--backend NAME]';

/** Steps of the look, of the first frame and of each later one. */
const steps = { look: 40, first: 20, next: 10 };

/**
 * Animates with whole images, with smaller ones, and with whole images in as many steps as cost about the same; what the
 * latents come to is measured on whole images.
 */
export async function run({ args, log }: BenchmarkContext) {
  const { resolution, pairs, frames, every, media, backend: name } = parseOptions(args);
  await using backend = await openAnyBackend({ name, allowSoftware: false, fusedKernels: true });
  await backend.activate();
  using pack = await avatarPack({ fanModules: 1 });
  const networks = { generator: pack.generator, encoder: pack.encoder, ...networksAt(pack, resolution) };
  const { generator } = networks;
  const losses = identityLosses(networks).map((term) => smallTerm(term, networks.perceptual, resolution));
  const statistics = await latentStatistics(generator);
  const variants = [
    { images: generator.resolution, next: steps.next },
    { images: generator.resolution, next: Math.round(0.7 * steps.next) },
    { images: resolution, next: steps.next },
  ];
  const rows: Record<string, string | number>[] = [];
  for (const [clip, which] of pairs) {
    const look = await readImage(join(media, `look-${which}.png`));
    const video = readVideo(join(media, `driver-${clip}.mp4`), { every, limit: frames });
    const driver = await trackClip(video, { landmarkNet: pack.landmarkNet, backend });
    const animated = async (images: number, next: number) => {
      const done: SequenceFrame[] = [];
      const animation = projectSequence({
        ...{ ...networks, losses, statistics, backend, look, driver },
        ...{ target: 'driver', steps: { ...steps, next }, earlyStopping: false, synthesisResolution: images },
      });
      for await (const frame of animation) done.push(frame);
      return done;
    };
    for (const { images, next } of variants) {
      log(`${clip}, look ${which}: images of ${images} pixels, ${next} steps a frame`);
      const done = await animated(images, next);
      const found = await wholeLosses(done, { generator, losses, statistics, look });
      rows.push({ clip, look: which, images, next, ...meanLosses(found) });
    }
  }
  return { backend: backend.description, psnr: await psnr(pack, resolution), steps, losses: rows };
}

function parseOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      resolution: { type: 'string', default: '128' },
      pairs: { type: 'string', default: 'talk:01,smile:03' },
      frames: { type: 'string', default: '5' },
      every: { type: 'string', default: '3' },
      media: { type: 'string', default: '../shared/media' },
      backend: { type: 'string' },
    },
  });
  const whole = (name: 'resolution' | 'frames' | 'every') => wholeNumber(name, values[name]);
  return {
    ...values,
    pairs: values.pairs.split(',').map((pair) => pair.split(':') as [clip: string, look: string]),
    resolution: whole('resolution'),
    frames: whole('frames'),
    every: whole('every'),
  };
}

/** The networks of the losses, which see images of this size, enlarged to their own. */
function networksAt({ landmarkNet, perceptual }: AvatarPack, size: number) {
  const { inputSize, heatmapSize, points } = landmarkNet;
  const enlarged = <R extends 'unit' | 'signed'>(image: ImageTensor<R>) => fitTo(image, inputSize);
  return {
    landmarkNet: {
      ...{ specificationVersion: 'v1', inputSize: size, heatmapSize, points },
      heatmaps: (image) => landmarkNet.heatmaps(enlarged(image)),
      [Symbol.dispose]: () => {},
    } satisfies LandmarkNet as LandmarkNet,
    perceptual: {
      specificationVersion: 'v1',
      features: (image) => perceptual.features(enlarged(image)),
      distance: (a, b) => perceptual.distance(a, b),
      [Symbol.dispose]: () => {},
    } satisfies PerceptualNet as PerceptualNet,
  };
}

/** A default term that looks at images of this size. */
function smallTerm(term: LossTerm, net: PerceptualNet, size: number): LossTerm {
  const { name, weight } = term;
  if (name === 'lpips') return lpips({ net, weight, size });
  return name === 'pixel' ? pixel({ weight, size }) : term;
}

/** How close the small image comes to the whole one shrunk, in dB: mean over random faces. */
async function psnr({ generator }: AvatarPack, resolution: number): Promise<number> {
  const faces = 16;
  const z = Float32Array.from(randomState(1).randn(faces * generator.zDim));
  let sum = 0;
  for (let i = 0; i < faces; i++) {
    const error = tf.tidy(() => {
      const one = z.subarray(i * generator.zDim, (i + 1) * generator.zDim);
      const ws = generator.mapping(tf.tensor2d(one, [1, generator.zDim]));
      const whole = fitTo(generator.synthesis(ws), resolution);
      return tf.mean(tf.squaredDifference(whole, generator.synthesis(ws, { resolution })));
    });
    sum += (await error.data())[0]!;
    error.dispose();
  }
  // The images range from -1 to 1.
  return Number((10 * Math.log10((4 * faces) / sum)).toFixed(1));
}
