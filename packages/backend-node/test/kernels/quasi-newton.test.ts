import { quasiNewton } from '@faceanim/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { openOptimizer } from '../../../core/test/optimization/support';
import { registerWebgpuKernels } from '../../../tensor/src/kernels/webgpu';
import { webgpuForTests } from '../support/webgpu';

const webgpu = webgpuForTests();

/** Value and gradients that do not depend on the point, so that nothing has to be read: the optimizer only adds up. */
const evaluations = [
  {
    values: [3, 2],
    gradients: [
      [1, -2, 0.5],
      [0.3, 1, -1],
    ],
  },
  {
    values: [2, 2.5],
    gradients: [
      [0.8, -1, 0.7],
      [0.5, 1.5, -1],
    ],
  },
  {
    values: [1, 1],
    gradients: [
      [0.5, -0.7, Number.NaN],
      [0.1, 0.5, -0.2],
    ],
  },
  {
    values: [Number.POSITIVE_INFINITY, 0.5],
    gradients: [
      [0.4, -0.5, 0.6],
      [0, 0.1, 0],
    ],
  },
  {
    values: [0.5, 0.4],
    gradients: [
      [0.2, -0.1, 0.3],
      [0, 0.05, 0],
    ],
  },
];

/** The states after some steps: of points on their own, and of points that depend on each other. */
async function states(): Promise<Record<string, Float32Array>[]> {
  return Promise.all(
    [false, true].map(async (coupled) => {
      const found: Record<string, tf.Tensor> = {};
      tf.tidy(() => {
        const run = openOptimizer(quasiNewton(), [
          [0, 0, 0],
          [1, -1, 0.5],
        ]);
        for (const evaluated of evaluations) run.step({ ...evaluated, coupled });
        for (const [name, tensor] of Object.entries(run.tensors())) found[name] = tf.keep(tf.clone(tensor));
      });
      const entries = Object.entries(found).map(async ([name, x]) => [name, await x.data()] as const);
      const values = Object.fromEntries(await Promise.all(entries)) as Record<string, Float32Array>;
      tf.dispose(found);
      return values;
    }),
  );
}

it('quasi-Newton takes the same steps with and without fused kernels', { tags: ['long'] }, async ({
  skip,
}) => {
  skip(webgpu.reason !== undefined, webgpu.reason);
  registerWebgpuKernels(false);
  const plain = await states();
  registerWebgpuKernels(true);
  const fused = await states();
  plain.forEach((state, i) => {
    for (const [name, values] of Object.entries(state)) {
      expect(values.every(Number.isFinite), name).toBe(true);
      values.forEach((value, k) => {
        expect(fused[i]![name]![k], `${name} ${k}`).toBeCloseTo(value, 5);
      });
    }
  });
});
