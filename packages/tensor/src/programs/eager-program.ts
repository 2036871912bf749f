import * as tf from '@tensorflow/tfjs-core';
import { invalidOption } from '../errors';
import { checkInput } from './check-input';
import { mapTensors } from './named-tensors';
import type { StepFunction, StepProgram } from './step-program';

/** A {@link StepProgram} that runs operation by operation, for backends without programs of their own. */
export function eagerProgram(step: StepFunction, initial: tf.NamedTensorMap): StepProgram {
  const values = tf.tidy(() => mapTensors(initial, (tensor) => tf.keep(tf.clone(tensor))));
  const replace = (name: string, tensor: tf.Tensor) => {
    values[name]?.dispose();
    values[name] = tensor;
  };
  const current = (name: string) => {
    const value = values[name];
    if (!value) throw invalidOption('name', name, `one of ${Object.keys(values).join(', ')}`);
    return value;
  };
  return {
    write(input, value) {
      const known = current(input);
      checkInput(input, value, known);
      const { shape, dtype } = known;
      replace(input, value instanceof tf.Tensor ? tf.clone(value) : tf.tensor(value, shape, dtype));
    },
    run() {
      const outputs = tf.tidy(() => mapTensors(step(values), (tensor) => tf.keep(tf.clone(tensor))));
      for (const [name, tensor] of Object.entries(outputs)) replace(name, tensor);
    },
    read: async <T>(name: string) => (await current(name).data()) as T,
    tensor: current,
    [Symbol.dispose]: () => tf.dispose(values),
  };
}
