import {
  type Generator,
  type LatentStatistics,
  type LiveOptions,
  latentStatistics,
  type RgbImage,
} from '@faceanim/core';
import type { Backend } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { mean, quantile } from '../report/series';
import type { LiveSpeed } from './live-speed';
import { measureLive, openingSteps } from './measure-live';
import { type PeakMemory, watchMemory } from './measure-memory';
import { measureRendering } from './measure-rendering';
import { measureRun } from './measure-run';

/** What is measured. */
export interface BenchSubject {
  readonly look: RgbImage;
  readonly driver: readonly RgbImage[];
  /** Opens the networks on the active backend. */
  open(): Promise<BenchNetworks>;
}

/** The networks of a subject. */
export type BenchNetworks = Disposable &
  Pick<LiveOptions, 'generator' | 'landmarkNet' | 'perceptual' | 'encoder' | 'landmarkModel'>;

/** How much is measured at most. */
export interface BenchEffort {
  readonly steps: number;
  /** Rendered pictures. */
  readonly pictures: number;
  /** Milliseconds of each part, without what warms it up. */
  readonly partMs: number;
  /** Milliseconds after which nothing more is begun. */
  readonly totalMs: number;
}

/** What `faceanim doctor --bench` measures on each backend. */
export const benchEffort: BenchEffort = { steps: 200, pictures: 50, partMs: 3000, totalMs: 20_000 };

/** Results of {@link bench}. */
export interface Measurements extends PeakMemory {
  /** Milliseconds of a step: the median, and what 95 % of the steps stay below. */
  readonly stepMs: number;
  readonly stepMs95: number;
  readonly facesPerSecond: number;
  /** Median milliseconds of rendering a picture. */
  readonly pictureMs: number;
  readonly live: Pick<LiveSpeed, 'picturesPerSecond' | 'latencyMs' | 'stepsPerPicture'>;
  /** Tensors that are still there after everything was disposed: 0 unless there is a bug. */
  readonly tensorsLeft: number;
}

/** Options of {@link bench}. */
export interface BenchOptions extends BenchEffort {
  readonly signal?: AbortSignal;
  /** Called with what is measured, and how far it is: `finding the face, frame 3`. */
  readonly onPart?: (what: string) => void;
}

/**
 * Measures the active backend part by part, and yields each result as soon as it is there. Parts for which there is no time
 * left are left out, but for the steps.
 */
export async function* bench(
  { look, driver, open }: BenchSubject,
  backend: Backend,
  { steps, pictures, partMs, totalMs, signal, onPart }: BenchOptions,
): AsyncGenerator<Partial<Measurements>, void, undefined> {
  const end = performance.now() + totalMs;
  const left = () => end - performance.now();
  const tensors = tf.memory().numTensors;
  {
    using memory = watchMemory();
    using networks = await open();
    const { generator } = networks;
    const statistics = await latentStatistics(generator, { samples: 500, backend, signal });
    const run = { ...networks, backend, statistics, look };

    const times = await measureRun({ ...run, driver }, { steps, maxMs: partMs, signal, onPart });
    const stepMs = quantile(times.steps, 0.5);
    yield { stepMs, stepMs95: quantile(times.steps, 0.95), facesPerSecond: 1000 / mean(times.frames) };

    if (left() > 0) {
      onPart?.('rendering');
      const latent = meanLatent(generator, statistics);
      const limits = { pictures, maxMs: partMs, signal };
      yield { pictureMs: await measureRendering(generator, latent, { backend, ...limits }) };
    }
    if (left() > openingSteps * stepMs) {
      onPart?.('a live session');
      yield { live: await measureLive({ ...run, signal }, driver, partMs) };
    }
    yield memory.peak();
  }
  yield { tensorsLeft: tf.memory().numTensors - tensors };
}

function meanLatent({ numWs, wDim }: Generator, { mean }: LatentStatistics) {
  const data = new Float32Array(numWs * wDim);
  for (let i = 0; i < numWs; i++) data.set(mean, i * wDim);
  return { numWs, wDim, data };
}
