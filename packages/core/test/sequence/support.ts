import { type Backend, eagerProgram, randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ProjectedFrame } from '../../src/contracts/frames';
import type { RgbImage } from '../../src/contracts/image';
import { tensorToImages } from '../../src/images/image-tensors';
import type { AlignedFrame } from '../../src/landmarks/track';
import { heatmaps, lpips, smooth } from '../../src/losses';
import type { ProjectSequenceOptions } from '../../src/sequence/options';
import { projectSequence, type SequenceFrame } from '../../src/sequence/project-sequence';
import { tinyGenerator, tinyLandmarkNet, tinyPerceptualNet } from '../../src/testing';

export function picture(seed: number, size = 16): RgbImage {
  const values = randomState(seed).randn(size * size * 3);
  return {
    width: size,
    height: size,
    data: Uint8Array.from(values, (x) => Math.max(0, Math.min(255, 128 + 60 * x))),
  };
}

/** Frames that a tracker would have given; tiny networks see no faces. */
export function driver(count: number): AlignedFrame[] {
  return Array.from({ length: count }, (_, index) => ({
    index,
    image: picture(100 + index),
    landmarks: new Float64Array(136).fill(8),
    alignedLandmarks: new Float64Array(136).fill(8),
    quad: { center: [8, 8], x: [8, 0], y: [0, 8] },
    score: 1,
  }));
}

export async function withNetworks<T>(run: (base: ProjectSequenceOptions) => Promise<T>): Promise<T> {
  using generator = tinyGenerator();
  using landmarkNet = tinyLandmarkNet();
  using perceptual = tinyPerceptualNet();
  // A look that the generator can draw.
  const z = Float32Array.from(randomState(8).randn(generator.zDim));
  const drawn = tf.tidy(() => generator.synthesis(generator.mapping(tf.tensor2d(z, [1, z.length]))));
  const [look] = await tensorToImages(drawn, 'signed');
  drawn.dispose();
  return await run({
    generator,
    landmarkNet,
    perceptual,
    driver: driver(4),
    look,
    losses: [lpips(), heatmaps({ weight: 0.01 }), smooth()],
    steps: { first: 12, next: 5 },
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

/** The active backend with programs of its own, of whose making it tells. */
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
