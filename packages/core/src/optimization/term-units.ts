import {
  type Backend,
  FaceanimError,
  pause,
  randomState,
  read,
  readAll,
  TensorBag,
  throwIfAborted,
  tidyAll,
} from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Generator } from '../contracts/generator';
import type { OnProgress } from '../contracts/progress';
import type { LatentSpace } from '../latents/latent-space';
import { mapLatents } from '../latents/map-latents';
import type { LossTerm, StepContext } from '../losses/loss-term';
import { type TensorMemo, tensorMemo } from './memo';

/** The units of relative terms; the others have none. A weight is divided by the unit of its term. */
export type TermUnits = ReadonlyMap<LossTerm, number>;

/** What {@link termUnits} needs from a run. */
export interface TermUnitsOptions {
  readonly generator: Generator;
  readonly space: LatentSpace;
  /** Mean latent ŵ `[1, 1, wDim]`. */
  readonly mean: tf.Tensor;
  /** Whether the run has a look. */
  readonly look: boolean;
  /** Activated before every face. Default: the active backend. */
  readonly backend?: Backend;
  readonly signal?: AbortSignal;
  /** Receives the share of faces done (`stage: 'statistics'`). */
  readonly onProgress?: OnProgress;
}

/** Number of random faces. */
const faces = 8;

/**
 * Computes the units of relative terms: the mean value of each over a few random faces of the generator, with the mean face
 * as the look and as the previous frame. They are the same in every run with the same networks.
 *
 * @throws {FaceanimError} `invalid-option` for a term that does not tell random faces from the mean face; `aborted`.
 */
export async function termUnits(terms: readonly LossTerm[], options: TermUnitsOptions): Promise<TermUnits> {
  const relative = terms.filter((term) => term.relative);
  if (relative.length === 0) return new Map();
  const { generator, mean, backend, signal, onProgress } = options;
  await backend?.activate();
  using owned = new TensorBag();
  const { memo } = owned.use(tensorMemo());
  const meanWs = owned.keep(tf.tile(mean, [1, generator.numWs, 1]) as tf.Tensor3D);
  const look = options.look ? owned.keep(generator.synthesis(meanWs)) : undefined;
  const constants = relative.map((term) =>
    memo([term, 'prepared'], () => term.prepareForRun?.({ look, mean, memo }) ?? {}),
  );
  const units = relative.map(() => 0);
  const latents = await randomLatents(generator);
  for (const [done, latent] of latents.entries()) {
    onProgress?.({ stage: 'statistics', fraction: done / latents.length });
    await pause();
    throwIfAborted(signal);
    await backend?.activate();
    const values = tidyAll(() => {
      using shared = tensorMemo();
      const step = contextOf(latent, options, { look, mean, previous: meanWs }, shared);
      return relative.map((term, i) => tf.mean(term.value(step, constants[i]!)));
    });
    for (const [i, value] of (await readAll(values)).entries()) units[i]! += value[0]! / latents.length;
  }
  onProgress?.({ stage: 'statistics', fraction: 1 });
  for (const [i, { name }] of relative.entries()) checkUnit(name, units[i]!);
  return new Map(relative.map((term, i) => [term, units[i]!]));
}

/** W+ latents of random faces, of the same ones every time. */
async function randomLatents(generator: Generator): Promise<Float32Array[]> {
  const { zDim, numWs, wDim } = generator;
  const z = Float32Array.from(randomState(0).randn(faces * zDim));
  const ws = await read(mapLatents(generator, z));
  const size = numWs * wDim;
  return Array.from({ length: faces }, (_, i) => ws.slice(i * size, (i + 1) * size));
}

/** The inputs of a term in a step whose result is the face of `latent`. */
function contextOf(
  latent: Float32Array,
  { generator, space }: TermUnitsOptions,
  run: Pick<StepContext, 'look' | 'mean' | 'previous'>,
  { memo }: TensorMemo,
): StepContext {
  const ws = tf.tensor3d(latent, [1, generator.numWs, generator.wDim]);
  return {
    ...run,
    coordinates: tf.tensor3d(space.fromWs(latent), [1, ...space.shape]),
    ws,
    noise: {},
    memo,
    image: () => memo([generator, 'image'], () => generator.synthesis(ws)),
  };
}

function checkUnit(name: string, unit: number): void {
  if (Number.isFinite(unit) && unit > 0) return;
  throw new FaceanimError(
    'invalid-option',
    `The weight of the loss term ${name} cannot be relative: its mean over random faces is ${unit}.`,
    { hint: 'Pass relative: false, and check that the checkpoints belong to the networks.' },
  );
}
