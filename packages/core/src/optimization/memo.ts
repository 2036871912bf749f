import { mapTree } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Once } from '../losses/loss-term';

/** A new {@link Once}, which leaves its tensors to the `tf.tidy` around it. */
export function memo(): Once {
  const known: { key: readonly unknown[]; value: unknown }[] = [];
  return <T>(key: readonly unknown[], compute: () => T): T => {
    const entry = known.find((other) => isSame(other.key, key));
    if (entry) return entry.value as T;
    const value = compute();
    known.push({ key, value });
    return value;
  };
}

/** A {@link Once} that owns its tensors: no `tf.tidy` takes them, and they live as long as it does. */
export interface TensorMemo extends Disposable {
  readonly once: Once;
}

/** A new {@link TensorMemo}. */
export function tensorMemo(): TensorMemo {
  const once = memo();
  const owned: tf.TensorContainer[] = [];
  return {
    once: (key, compute) =>
      once(key, () => {
        const value = tf.tidy(compute);
        mapTree(value, '', tf.keep);
        owned.push(value);
        return value;
      }),
    [Symbol.dispose]: () => tf.dispose(owned),
  };
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((element, i) => element === b[i]);
}
