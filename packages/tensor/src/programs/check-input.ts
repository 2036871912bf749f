import * as tf from '@tensorflow/tfjs-core';
import { invalidOption } from '../errors';

/**
 * Refuses a new value of a program's input that has another shape or type.
 *
 * @throws {FaceanimError} `invalid-option`.
 */
export function checkInput(name: string, value: Float32Array | tf.Tensor, known: tf.Tensor): void {
  if (value instanceof tf.Tensor) {
    if (kindOf(value) !== kindOf(known)) throw invalidOption(name, kindOf(value), kindOf(known));
  } else if (value.length !== known.size) {
    throw invalidOption(name, `${value.length} numbers`, `${known.size} numbers`);
  }
}

/** Type and shape of a tensor, as words. */
export const kindOf = ({ dtype, shape }: tf.Tensor): string => `${dtype} [${shape.join(', ')}]`;
