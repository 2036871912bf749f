import type * as tf from '@tensorflow/tfjs-core';

/** Tensors and other disposables of one call, released together however it ends, the last first. */
export class TensorBag implements Disposable {
  readonly #releases: (() => void)[] = [];

  /** Takes over something disposable; returns it. */
  use<T extends Disposable>(value: T): T {
    this.defer(() => value[Symbol.dispose]());
    return value;
  }

  /** Takes over a tensor; returns it. */
  keep<T extends tf.Tensor>(tensor: T): T {
    this.defer(() => tensor.dispose());
    return tensor;
  }

  /** Calls a function at the end. */
  defer(release: () => void): void {
    this.#releases.push(release);
  }

  [Symbol.dispose](): void {
    for (const release of this.#releases.splice(0).reverse()) release();
  }
}
