import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor, Weights } from '../../src/serialization/host-tensor';
import { decodeSafetensors } from '../../src/serialization/safetensors';

/** The tensors of a safetensors file by name; an unknown name is an error. */
export class Fixture {
  readonly name: string;
  readonly tensors: Weights;
  readonly metadata: Record<string, string>;

  constructor(path: string) {
    const { tensors, metadata } = decodeSafetensors(new Uint8Array(readFileSync(path)), { file: path });
    this.name = basename(path).replace(/\.safetensors$/, '');
    this.tensors = tensors;
    this.metadata = metadata;
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  host(name: string): HostTensor {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new Error(`${this.name} has no tensor ${name}`);
    return tensor;
  }

  data(name: string): Float32Array {
    return this.host(name).data;
  }

  /** A tensor of the stored shape, for the caller to dispose. */
  tensor<T extends tf.Tensor = tf.Tensor>(name: string): T {
    const { data, shape } = this.host(name);
    return tf.tensor(data, [...shape], 'float32') as T;
  }

  /** A stored NCHW image as NHWC, for the caller to dispose. */
  image(name: string): tf.Tensor4D {
    return tf.tidy(() => toNhwc(this.tensor<tf.Tensor4D>(name)));
  }
}

export function toNhwc(x: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => tf.transpose(x, [0, 2, 3, 1]));
}

export function toNchw(x: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => tf.transpose(x, [0, 3, 1, 2]));
}
