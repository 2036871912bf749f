import { FaceanimError } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Tensors and other disposables of a network, disposed together with it. */
export class Resources implements Disposable {
  readonly #owned: Disposable[] = [];
  #disposed = false;

  /** @throws FaceanimError `backend-unavailable` if no backend is registered in TensorFlow.js */
  constructor() {
    if (Object.keys(tf.engine().registryFactory).length > 0) return;
    throw new FaceanimError('backend-unavailable', 'No backend is open to hold the network.', {
      hint: 'Open one first, and keep it open: await openBackend() of @faceanim/backend-node or @faceanim/backend-web.',
    });
  }

  /**
   * Throws if the network has been disposed of.
   *
   * @param network what it is called in the message
   * @throws FaceanimError `invalid-option`
   */
  checkOpen(network: string): void {
    if (!this.#disposed) return;
    throw new FaceanimError('invalid-option', `The ${network} was disposed of and can no longer be used.`, {
      hint: 'Keep it until the last frame is rendered: generators such as render() run when their frames are taken.',
    });
  }

  /** Takes ownership of something disposable; returns it. */
  use<T extends Disposable>(owned: T): T {
    this.#owned.push(owned);
    return owned;
  }

  /** Creates a constant tensor, which `tf.tidy` leaves alone. */
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
