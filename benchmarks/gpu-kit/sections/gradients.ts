import * as tf from '@tensorflow/tfjs-core';
import { registerWebgpuKernels } from '../../../packages/tensor/src/kernels/webgpu';
import type { FrozenConvKernelOptions } from '../../../packages/tensor/src/kernels/webgpu/conv/frozen-conv';
import { expectedSaving } from '../../../packages/tensor/src/kernels/webgpu/conv/winograd';
import { originalIteration } from '../../support/original-iteration';
import { noMatrixUnits, openMatrixUnit, openWebgpu } from '../open-webgpu';
import type { Section, SectionContext } from '../section';
import { openNetworks } from './networks';

export const matrixUnits: Section = {
  description: 'how far gradients on matrix units are from those in f32',
  seconds: 60,
  async run(context) {
    await using _backend = await openWebgpu({ device: context.device, matrixUnits: true });
    const matrixUnit = await openMatrixUnit();
    if (!matrixUnit) return context.report(noMatrixUnits);
    await compareGradients(context, { matrixUnit });
  },
};

export const winogradGradients: Section = {
  description: 'how far gradients by transformed tiles are from those of other convolutions',
  seconds: 60,
  async run(context) {
    await using _backend = await openWebgpu({ device: context.device, winograd: true });
    await compareGradients(context, { leastSaved: expectedSaving });
  },
};

/** Compares gradients in the latent with those of the kernel without options. */
async function compareGradients({ small, report }: SectionContext, options: FrozenConvKernelOptions) {
  for (const [which, batch] of [
    ['avatar', 1],
    [256, 1],
    [256, 8],
  ] as const) {
    using networks = await openNetworks(which, small);
    using iteration = originalIteration(networks, { batch });
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
    registerWebgpuKernels(true, options);
    const got = await gradient();
    report({
      ...{ networks: which, batch, difference: distance(got, expected) },
      'same kernels again': distance(again, expected),
    });
  }
}

/** Distance of two vectors relative to the length of the second. */
function distance(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, length] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference += (got[i]! - expected[i]!) ** 2;
    length += expected[i]! ** 2;
  }
  return Number(Math.sqrt(difference / length).toPrecision(3));
}
