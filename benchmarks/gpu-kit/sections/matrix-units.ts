import * as tf from '@tensorflow/tfjs-core';
import { registerWebgpuKernels } from '../../../packages/tensor/src/kernels/webgpu';
import { originalIteration } from '../../support/original-iteration';
import { openMatrixUnit, openWebgpu } from '../open-webgpu';
import type { Section } from '../section';
import { openNetworks } from './networks';

export const matrixUnits: Section = {
  description: 'how far gradients on matrix units are from those in f32',
  seconds: 60,
  async run({ device, small, report }) {
    await using _backend = await openWebgpu({ device, matrixUnits: true });
    const unit = await openMatrixUnit();
    if (!unit) return report({ problem: 'this adapter has no matrix units that the kernels can use' });
    for (const which of ['avatar', 256] as const) {
      using networks = await openNetworks(which, small);
      using iteration = originalIteration(networks);
      // Adam's first moment after one step is a tenth of the gradient.
      const gradient = async () => {
        const results = tf.tidy(() => iteration.step(iteration.inputs));
        const values = await results.m!.data();
        tf.dispose(results);
        return values;
      };
      registerWebgpuKernels(true);
      const expected = await gradient();
      const again = await gradient();
      registerWebgpuKernels(true, { matrixUnit: unit });
      const got = await gradient();
      report({
        networks: which,
        difference: distance(got, expected),
        'same kernels again': distance(again, expected),
      });
    }
  },
};

/** Distance of two vectors relative to the length of the second. */
function distance(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  const norm = (value: (i: number) => number) =>
    Math.hypot(...Array.from({ length: expected.length }, (_, i) => value(i)));
  return Number((norm((i) => got[i]! - expected[i]!) / norm((i) => expected[i]!)).toPrecision(3));
}
