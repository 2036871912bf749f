import type { HostTensor } from '@faceanim/tensor';
import type { HostTensors } from '../optimizers/optimizer';

/** Noise maps by layer name. */
export type Noise = Readonly<Record<string, Float32Array>>;

/** Noise maps as tensors of a file. */
export function noiseTensors(noise: Noise = {}) {
  return Object.entries(noise).map(
    ([name, data]) => [`noise.${name}`, { shape: [data.length], data }] as const,
  );
}

/** Tensors by prefix and name, for a file. */
export function withName(prefix: string, tensors: HostTensors = {}) {
  return Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor] as const);
}

/** The noise maps of a file; undefined if it has none. */
export function noiseFrom(tensors: ReadonlyMap<string, HostTensor>): Noise | undefined {
  const maps = withPrefix(tensors, 'noise.');
  return maps && Object.fromEntries(Object.entries(maps).map(([name, { data }]) => [name, data]));
}

/** The tensors whose names start with a prefix, by the rest of the name; undefined if there are none. */
export function withPrefix(
  tensors: ReadonlyMap<string, HostTensor>,
  prefix: string,
): HostTensors | undefined {
  const found = [...tensors].filter(([name]) => name.startsWith(prefix));
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
