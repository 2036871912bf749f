import * as tf from '@tensorflow/tfjs-core';
import { measure, tenths } from './measure';

/** A network as a function of one input, and a value of that input. */
export interface Part {
  readonly name: string;
  readonly run: (x: tf.Tensor4D) => tf.Tensor;
  readonly input: tf.Tensor;
}

/** Times each network alone, in ms: forward, and the gradient in its input less the forward pass. */
export async function measureParts(parts: readonly Part[], counts: { iterations: number; warmUp: number }) {
  const rows: object[] = [];
  for (const { name, run, input } of parts) {
    const forward = await measure(() => tf.tidy(() => run(input as tf.Tensor4D)), counts);
    const dy = tf.tidy(() => tf.onesLike(run(input as tf.Tensor4D)));
    const gradient = tf.grad((x) => run(x as tf.Tensor4D));
    const both = await measure(() => tf.tidy(() => gradient(input, dy)), counts);
    dy.dispose();
    rows.push({
      part: name,
      forward: tenths(forward.ms),
      backward: tenths(both.ms - forward.ms),
      both: tenths(both.ms),
      forwardCpu: tenths(forward.cpuMs),
      backwardCpu: tenths(both.cpuMs - forward.cpuMs),
    });
  }
  return rows;
}
