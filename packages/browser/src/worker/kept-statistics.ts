import {
  generatorFingerprint,
  type LatentStatistics,
  type LatentStatisticsOptions,
  latentStatistics,
  sameGenerator,
} from '@faceanim/core';
import type { Hooks } from '../options';
import type { WorkerModels } from './models';

type Sampling = Pick<LatentStatisticsOptions, 'samples' | 'seed'>;

/** What is kept beside the numbers, to know whose they are. */
interface Label extends Sampling {
  readonly fingerprint: readonly number[];
  readonly wDim: number;
  readonly std: number;
  readonly sampled: LatentStatistics['sampled'];
}

const cacheName = 'faceanim-statistics';
const labelHeader = 'x-label';

/**
 * The latent statistics of the networks of a worker. Those of a generator that brings none, which take seconds, are computed
 * once: Cache Storage keeps them for the next visit. Where there is no such storage, they are computed each time.
 */
export async function statisticsOf(
  { statistics: given, generator, backend }: WorkerModels,
  { signal, onProgress }: Hooks,
): Promise<WorkerModels['statistics']> {
  // The projector checks whether they fit.
  if ((given && 'mean' in given) || generator.statistics) return given;
  await backend.activate();
  const fingerprint = await generatorFingerprint(generator);
  // Storage that is full or forbidden must not keep anyone from working.
  const kept = await find(fingerprint, given ?? {}).catch(() => undefined);
  if (kept) return kept;
  const computed = await latentStatistics(generator, { ...given, backend, signal, onProgress });
  await keep(computed, { fingerprint, ...given }).catch(() => {});
  return computed;
}

async function find(
  fingerprint: Float32Array,
  { samples, seed }: Sampling,
): Promise<LatentStatistics | undefined> {
  const cache = await caches.open(cacheName);
  for (const response of await cache.matchAll()) {
    const label: Label = JSON.parse(response.headers.get(labelHeader) ?? '{}');
    if (label.samples !== samples || label.seed !== seed) continue;
    if (!sameGenerator(Float32Array.from(label.fingerprint), fingerprint)) continue;
    const bytes = await response.arrayBuffer();
    const { wDim, std, sampled } = label;
    // The covariance comes first, since its numbers have to start at a multiple of 8 bytes.
    const covariance = new Float64Array(bytes, 0, wDim ** 2);
    return { wDim, std, sampled, covariance, mean: new Float32Array(bytes, covariance.byteLength, wDim) };
  }
  return undefined;
}

async function keep(
  { wDim, std, sampled, covariance, mean }: LatentStatistics,
  { fingerprint, ...sampling }: Sampling & { fingerprint: Float32Array },
): Promise<void> {
  const label: Label = { ...sampling, fingerprint: [...fingerprint], wDim, std, sampled };
  const numbers = [covariance, mean] as Float32Array<ArrayBuffer>[];
  const response = new Response(new Blob(numbers), { headers: { [labelHeader]: JSON.stringify(label) } });
  const cache = await caches.open(cacheName);
  await cache.put(`https://faceanim.invalid/${crypto.randomUUID()}`, response);
}
