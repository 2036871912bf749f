import * as tf from '@tensorflow/tfjs-core';
import { FaceanimError } from '../errors';

/**
 * Owns tensors and other disposables and releases them together, the last first: those of a call, with `using`, or those
 * of a network until it is disposed of.
 */
export class TensorBag implements Disposable {
  readonly #releases: (() => void)[] = [];
  #disposed = false;

  /** @throws FaceanimError `backend-unavailable` if no backend is registered in TensorFlow.js */
  constructor() {
    if (Object.keys(tf.engine().registryFactory).length > 0) return;
    throw new FaceanimError('backend-unavailable', 'No backend is open to hold tensors.', {
      hint: 'Open one first, and keep it open: await openBackend() of @faceanim/backend-node or @faceanim/backend-web.',
    });
  }

  /** Makes a network that owns a bag. If that fails, e.g. for want of memory, what is in the bag already is released. */
  static build<T>(make: (bag: TensorBag) => T): T {
    const bag = new TensorBag();
    try {
      return make(bag);
    } catch (error) {
      bag[Symbol.dispose]();
      throw error;
    }
  }

  /** Takes ownership of something disposable; returns it. */
  use<T extends Disposable>(value: T): T {
    this.defer(() => value[Symbol.dispose]());
    return value;
  }

  /** Takes ownership of a tensor; returns it. */
  keep<T extends tf.Tensor>(tensor: T): T {
    this.defer(() => tensor.dispose());
    return tensor;
  }

  /** Creates a constant of 32-bit floats that it owns; `tf.tidy` leaves it alone. */
  constant<R extends tf.Rank>(data: Float32Array, shape: tf.ShapeMap[R]): tf.Tensor<R> {
    return this.keep(tf.keep(tf.tensor<R>(data, shape, 'float32')));
  }

  /** Calls a function when everything is released. */
  defer(release: () => void): void {
    this.#releases.push(release);
  }

  /**
   * Throws if everything has been released, for a network to refuse further use.
   *
   * @param network what the message calls the owner
   * @throws FaceanimError `invalid-option`
   */
  checkOpen(network: string): void {
    if (!this.#disposed) return;
    throw new FaceanimError('invalid-option', `The ${network} was disposed of and can no longer be used.`, {
      hint: 'Keep it until the last frame is rendered: generators such as render() run when their frames are taken.',
    });
  }

  /** Releases everything. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const release of this.#releases.splice(0).reverse()) release();
  }
}
