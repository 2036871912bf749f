import type { Backend } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { registerWebgpuKernels } from '../../../packages/tensor/src/kernels/webgpu';
import { measure, tenths } from '../../support/measure';
import { originalIteration } from '../../support/original-iteration';
import { openWebgpu } from '../open-webgpu';
import type { Section } from '../section';
import { openNetworks } from './networks';

/** Workgroups that fill the GPU, and the largest convolution by dot products. The first pair is the default. */
const choices = [1024, 512, 2048, 4096].flatMap((enough) =>
  [2 ** 24, 2 ** 23, 2 ** 25].map((mostDotProducts) => ({ enough, mostDotProducts })),
);

export const thresholds: Section = {
  description: 'a replayed step with other thresholds of the convolution kernel',
  seconds: 90,
  async run({ device, small, report }) {
    await using backend = await openWebgpu({ device });
    for (const which of ['avatar', 256] as const) {
      using networks = await openNetworks(which, small);
      using iteration = originalIteration(networks);
      for (const choice of small ? choices.slice(0, 2) : choices) {
        registerWebgpuKernels(true, choice);
        report({ networks: which, ...choice, ms: tenths(await stepMs(backend, iteration)) });
      }
    }
  },
};

async function stepMs(
  backend: Backend,
  { step, inputs }: ReturnType<typeof originalIteration>,
): Promise<number> {
  using program = backend.program!(step, inputs);
  const timing = await measure(
    () => {
      program.run();
      return tf.clone(program.tensor('loss'));
    },
    { warmUp: 3, iterations: 15 },
  );
  return timing.ms;
}
