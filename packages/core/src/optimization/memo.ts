import { tidyKept } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Once } from '../losses/loss-term';

/** Computes tensors once by key, and owns them. */
export interface TensorMemo extends Disposable {
  readonly once: Once;
}

/** A new {@link TensorMemo}. No `tf.tidy` takes its tensors: they live until it is disposed. */
export function tensorMemo(): TensorMemo {
  const known: { key: readonly unknown[]; value: tf.TensorContainer }[] = [];
  const owned: tf.Tensor[] = [];
  return {
    once: <T extends tf.TensorContainer>(key: readonly unknown[], compute: () => T): T => {
      const entry = known.find((other) => isSame(other.key, key));
      if (entry) return entry.value as T;
      const { value, created } = tidyKept(compute);
      known.push({ key, value });
      owned.push(...created);
      return value;
    },
    [Symbol.dispose]: () => tf.dispose(owned.splice(0)),
  };
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((element, i) => element === b[i]);
}
