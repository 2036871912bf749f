import { tidyKept } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Memo } from '../losses/loss-term';

/** A {@link Memo} that owns its tensors: they outlive any `tf.tidy` and are freed with it. */
export interface TensorMemo extends Disposable {
  readonly memo: Memo;
}

/** A new {@link TensorMemo}. */
export function tensorMemo(): TensorMemo {
  const entries: { key: readonly unknown[]; value: tf.TensorContainer }[] = [];
  const owned: tf.Tensor[] = [];
  return {
    memo: <T extends tf.TensorContainer>(key: readonly unknown[], compute: () => T): T => {
      const known = entries.find((entry) => isSame(entry.key, key));
      if (known) return known.value as T;
      const { value, created } = tidyKept(compute);
      entries.push({ key, value });
      owned.push(...created);
      return value;
    },
    [Symbol.dispose]: () => tf.dispose(owned.splice(0)),
  };
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((element, i) => element === b[i]);
}
