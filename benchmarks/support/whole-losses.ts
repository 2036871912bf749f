import {
  type Generator,
  imageToTensor,
  type LatentStatistics,
  type RgbImage,
  type SequenceFrame,
} from '@faceanim/core';
import type { LossTerm } from '@faceanim/core/losses';
import * as tf from '@tensorflow/tfjs-core';
import { type LatentSpace, latentSpace } from '../../packages/core/src/latents/latent-space';
import { tensorMemo } from '../../packages/core/src/optimization/memo';
import { createObjective } from '../../packages/core/src/optimization/objective';
import { termUnits } from '../../packages/core/src/optimization/term-units';

/** The run that frames come from. */
interface RunOfFrames {
  readonly generator: Generator;
  readonly losses: readonly LossTerm[];
  readonly statistics: LatentStatistics;
  readonly look: RgbImage;
}

/** The losses of frames of one shot, without a target, on the whole images of the generator; `total` is their weighted sum. */
export async function wholeLosses(
  frames: readonly SequenceFrame[],
  { generator, losses, statistics, look }: RunOfFrames,
): Promise<Record<string, number>[]> {
  using space = latentSpace('whitened-w', statistics, generator.numWs);
  using runMemo = tensorMemo();
  const constants = {
    mean: tf.tensor3d(statistics.mean, [1, 1, statistics.wDim]),
    look: imageToTensor(look, 'signed'),
  };
  const units = await termUnits(losses, { generator, space, mean: constants.mean, look: true });
  const found = frames.map(({ latent, coordinates, driver }, index) =>
    tf.tidy(() => {
      const ws = (data: Float32Array) => tf.tensor3d(data, [1, latent.numWs, latent.wDim]);
      const before = frames[index - 1]?.latent;
      const fixed: LatentSpace = { ...space, toWs: () => ws(latent.data) };
      using objective = createObjective({
        ...{ terms: losses, generator, space: fixed, units, runMemo, encoded: true },
        frame: { index, drivers: [driver], previous: before && ws(before.data), ...constants },
      });
      const weights = objective.weights({ step: 1, steps: 1 });
      const { losses: values } = objective.evaluate(tf.tensor3d(coordinates, [1, ...space.shape]), {
        weights: tf.tensor2d(weights, [weights.length, 1]),
      });
      return { names: [...objective.names, 'total'], values };
    }),
  );
  const rows: Record<string, number>[] = [];
  for (const { names, values } of found as unknown as { names: string[]; values: tf.Tensor }[]) {
    const numbers = await values.data();
    rows.push(Object.fromEntries(names.map((name, i) => [name, numbers[i]!])));
  }
  tf.dispose([found.map(({ values }) => values), constants]);
  return rows;
}

/** Means over the frames that have a loss, to four digits. */
export function meanLosses(frames: readonly Record<string, number>[]): Record<string, number> {
  const names = [...new Set(frames.flatMap((losses) => Object.keys(losses)))];
  const mean = (name: string) => {
    const values = frames.flatMap((losses) => losses[name] ?? []);
    return Number((values.reduce((a, b) => a + b, 0) / values.length).toPrecision(4));
  };
  return Object.fromEntries(names.map((name) => [name, mean(name)]));
}
