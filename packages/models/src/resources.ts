import { FaceanimError } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Tensors and networks that belong to one owner and go with it. */
export class Resources implements Disposable {
  readonly #owned: Disposable[] = [];
  #disposed = false;

  /** @throws FaceanimError `backend-unavailable` when TensorFlow.js has no backend that tensors could be made on */
  constructor() {
    if (Object.keys(tf.engine().registryFactory).length > 0) return;
    throw new FaceanimError('backend-unavailable', 'No backend is open to hold the network.', {
      hint: 'Open one first, and keep it open: await openBackend() of @faceanim/backend-node or @faceanim/backend-web.',
    });
  }

  /**
   * Refuses to go on after the owner was disposed of.
   *
   * @param network what it is, for the message
   * @throws FaceanimError `invalid-option`
   */
  checkOpen(network: string): void {
    if (!this.#disposed) return;
    throw new FaceanimError('invalid-option', `The ${network} was disposed of and cannot be used any more.`, {
      hint: 'Keep it until the last frame is rendered: generators such as render() run when their frames are taken.',
    });
  }

  /** Takes over something disposable; returns it. */
  use<T extends Disposable>(owned: T): T {
    this.#owned.push(owned);
    return owned;
  }

  /** A constant tensor that no `tf.tidy` disposes. */
  tensor<R extends tf.Rank>(data: Float32Array, shape: tf.ShapeMap[R]): tf.Tensor<R> {
    const tensor = tf.keep(tf.tensor<R>(data, shape, 'float32'));
    this.use({ [Symbol.dispose]: () => tensor.dispose() });
    return tensor;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const owned of this.#owned.splice(0).reverse()) owned[Symbol.dispose]();
  }
}
