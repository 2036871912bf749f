import { randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { RgbImage } from '../contracts/image';
import { tensorToImages } from '../images/image-tensors';
import type { AlignedFrame } from '../landmarks/track';
import { heatmaps, lpips, smooth } from '../losses';
import type { ProjectSequenceOptions } from '../sequence/options';
import { projectSequence, type SequenceFrame } from '../sequence/project-sequence';
import { tinyGenerator, tinyLandmarkNet, tinyPerceptualNet } from './tiny-networks';

/** What came of a {@link tinyRun}, however it ended. */
export interface TinyRun {
  readonly frames: readonly SequenceFrame[];
  /** What it threw. */
  readonly error?: unknown;
}

/** Projects a few small random frames with tiny networks, on the active backend, from one seed. */
export async function tinyRun(
  frames: number,
  options: Partial<ProjectSequenceOptions> = {},
): Promise<TinyRun> {
  using generator = tinyGenerator();
  using landmarkNet = tinyLandmarkNet();
  using perceptual = tinyPerceptualNet();
  const networks = { generator, landmarkNet, perceptual };
  const done: SequenceFrame[] = [];
  try {
    const look = await drawLook(generator);
    const losses = [lpips(), heatmaps({ weight: 0.01 }), smooth()];
    const common = { earlyStopping: false, seed: 1, statistics: { samples: 300 } } as const;
    const run = projectSequence({ ...networks, ...common, driver: driver(frames), look, losses, ...options });
    for await (const frame of run) done.push(frame);
    return { frames: done };
  } catch (error) {
    return { frames: done, error };
  }
}

/** A picture that the generator can draw. */
async function drawLook(generator: ReturnType<typeof tinyGenerator>): Promise<RgbImage> {
  const z = Float32Array.from(randomState(8).randn(generator.zDim));
  const drawn = tf.tidy(() => generator.synthesis(generator.mapping(tf.tensor2d(z, [1, z.length]))));
  try {
    return (await tensorToImages(drawn, 'signed'))[0]!;
  } finally {
    drawn.dispose();
  }
}

/** Frames that a tracker would have given; tiny networks see no faces. */
function driver(count: number): AlignedFrame[] {
  return Array.from({ length: count }, (_, index) => {
    const values = randomState(100 + index).randn(16 * 16 * 3);
    const data = Uint8Array.from(values, (x) => Math.max(0, Math.min(255, 128 + 60 * x)));
    const landmarks = new Float64Array(136).fill(8);
    return {
      ...{ index, landmarks, alignedLandmarks: landmarks, score: 1 },
      image: { width: 16, height: 16, data },
      quad: { center: [8, 8], x: [8, 0], y: [0, 8] },
    };
  });
}
