import { type Backend, eagerProgram, randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ProjectedFrame } from '../../src/contracts/frames';
import type { RgbImage } from '../../src/contracts/image';
import type { LandmarkNet } from '../../src/contracts/landmark-net';
import type { PerceptualNet } from '../../src/contracts/perceptual-net';
import { tensorToImages } from '../../src/images/image-tensors';
import { heatmaps, lpips, smooth } from '../../src/losses';
import type { ProjectSequenceOptions } from '../../src/sequence/options';
import { projectSequence } from '../../src/sequence/project-sequence';
import type { SequenceFrame } from '../../src/sequence/sequence-frame';
import { tinyDriver, tinyNetworks } from '../../src/testing';

export { tinyDriver as driver };

export function picture(seed: number, size = 16): RgbImage {
  const values = randomState(seed).randn(size * size * 3);
  return {
    width: size,
    height: size,
    data: Uint8Array.from(values, (x) => Math.max(0, Math.min(255, 128 + 60 * x))),
  };
}

/** Options of a short run, with all its networks. */
export interface Base extends ProjectSequenceOptions {
  landmarkNet: LandmarkNet;
  perceptual: PerceptualNet;
}

export async function withNetworks<T>(run: (base: Base) => Promise<T>): Promise<T> {
  using networks = tinyNetworks();
  const { generator, landmarkNet, perceptual } = networks;
  // A look that the generator can draw.
  const z = Float32Array.from(randomState(8).randn(generator.zDim));
  const drawn = tf.tidy(() => generator.synthesis(generator.mapping(tf.tensor2d(z, [1, z.length]))));
  const [look] = await tensorToImages(drawn, 'signed');
  drawn.dispose();
  return await run({
    generator,
    landmarkNet,
    perceptual,
    driver: tinyDriver(4),
    look,
    losses: [lpips({ net: perceptual }), heatmaps({ net: landmarkNet, weight: 0.01 }), smooth()],
    steps: { look: 0, first: 12, next: 5 },
    statistics: { samples: 300 },
  });
}

export async function collect(options: ProjectSequenceOptions): Promise<SequenceFrame[]> {
  const frames: SequenceFrame[] = [];
  for await (const frame of projectSequence(options)) frames.push(frame);
  return frames;
}

export const maxDifference = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));

export const latents = (frames: readonly ProjectedFrame[]) => frames.map(({ latent }) => [...latent.data]);

/** The active backend with eager programs, which reports each one it creates. */
export function recordingBackend(onProgram: (inputs: tf.NamedTensorMap) => void): Backend {
  return {
    specificationVersion: 'v1',
    name: 'recording',
    description: 'of the test',
    tfBackend: tf.getBackend(),
    capabilities: { gpu: false },
    activate: async () => {},
    program: (step, inputs) => {
      onProgram(inputs);
      return eagerProgram(step, inputs);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
