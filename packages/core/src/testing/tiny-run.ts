import { randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Generator } from '../contracts/generator';
import type { RgbImage } from '../contracts/image';
import { tensorToImages } from '../images/image-tensors';
import { heatmaps, lpips, smooth } from '../losses';
import type { ProjectSequenceOptions } from '../sequence/options';
import { projectSequence } from '../sequence/project-sequence';
import type { SequenceFrame } from '../sequence/sequence-frame';
import { tinyDriver } from './tiny-driver';
import { tinyNetworks } from './tiny-networks';

/** The result of a {@link tinyRun}, also if it failed. */
export interface TinyRun {
  /** The finished frames. */
  readonly frames: readonly SequenceFrame[];
  /** The error, if the run threw one. */
  readonly error?: unknown;
}

/**
 * Runs `projectSequence` on a few small random frames with tiny networks, on the active backend. The look is not projected
 * unless `steps.look` says so.
 */
export async function tinyRun(
  frames: number,
  options: Partial<ProjectSequenceOptions> = {},
): Promise<TinyRun> {
  using networks = tinyNetworks();
  const { generator, landmarkNet, perceptual } = networks;
  const done: SequenceFrame[] = [];
  try {
    const look = await drawLook(generator);
    const losses = [lpips({ net: perceptual }), heatmaps({ net: landmarkNet, weight: 0.01 }), smooth()];
    const common = { earlyStopping: false, seed: 1, statistics: { samples: 300 } } as const;
    const run = projectSequence({
      ...{ generator, landmarkNet, perceptual, ...common, driver: tinyDriver(frames), look, losses },
      ...options,
      steps: { look: 0, ...options.steps },
    });
    for await (const frame of run) done.push(frame);
    return { frames: done };
  } catch (error) {
    return { frames: done, error };
  }
}

/** A picture that the generator can draw. */
async function drawLook(generator: Generator): Promise<RgbImage> {
  const z = Float32Array.from(randomState(8).randn(generator.zDim));
  const drawn = tf.tidy(() => generator.synthesis(generator.mapping(tf.tensor2d(z, [1, z.length]))));
  try {
    return (await tensorToImages(drawn, 'signed'))[0]!;
  } finally {
    drawn.dispose();
  }
}
