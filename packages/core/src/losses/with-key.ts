import type { TensorContainer } from '@tensorflow/tfjs-core';
import type { LossTerm } from './loss-term';

/** Gives a term its `key`, which copies do not inherit: they may have another `value`. */
export function withKey<Prepared extends TensorContainer>(
  key: readonly unknown[],
  term: LossTerm<Prepared>,
): LossTerm<Prepared> {
  return Object.defineProperty(term, 'key', { value: key });
}
