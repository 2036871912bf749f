import type { Backend } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { registerWebgpuKernels } from '../../../packages/tensor/src/kernels/webgpu';
import type { FrozenConvKernelOptions } from '../../../packages/tensor/src/kernels/webgpu/conv/frozen-conv';
import { measure, tenths } from '../../support/measure';
import { originalIteration } from '../../support/original-iteration';
import { noMatrixUnits, type OpenWebgpuOptions, openMatrixUnit, openWebgpu } from '../open-webgpu';
import type { Section, SectionContext } from '../section';
import { type Case, openNetworks } from './networks';

/** Options of the convolution kernel that are numbers. */
type Thresholds = Omit<FrozenConvKernelOptions, 'matrixUnit'>;

/** Workgroups that fill the GPU, and the largest convolution by dot products. */
const plain: readonly Thresholds[] = [
  { enough: 1024, mostDotProducts: 2 ** 24 },
  { enough: 512, mostDotProducts: 2 ** 24 },
  { enough: 2048, mostDotProducts: 2 ** 24 },
  { enough: 1024, mostDotProducts: 2 ** 23 },
  { enough: 1024, mostDotProducts: 2 ** 25 },
];
const onMatrices: readonly Thresholds[] = [1024, 256, 512, 2048, 4096].map((enoughMatrices) => ({
  enoughMatrices,
}));

/** Which networks are measured, and in which batches. */
type Cases = readonly Required<Pick<Case, 'networks' | 'batch'>>[];

const single: Cases = [
  { networks: 'avatar', batch: 1 },
  { networks: 256, batch: 1 },
];
const withBatch: Cases = [
  { networks: 'avatar', batch: 1 },
  { networks: 256, batch: 8 },
];

export const thresholds: Section = {
  description: 'a replayed step with other thresholds of the convolution kernel',
  seconds: 60,
  run: (context) => measureChoices(context, plain, single),
};

export const matrixThresholds: Section = {
  description: 'the same with gradients on matrix units',
  seconds: 60,
  run: (context) => measureChoices(context, onMatrices, single, { matrixUnits: true }),
};

/** Multiplications that transformed tiles have to save. */
const byTiles: readonly Thresholds[] = [26, 27, 28, 29].map((power) => ({ leastSaved: 2 ** power }));

export const winogradThresholds: Section = {
  description: 'the same with transformed tiles for convolutions that save enough',
  seconds: 90,
  run: (context) => measureChoices(context, byTiles, withBatch, { winograd: true }),
};

async function measureChoices(
  { device, small, report }: SectionContext,
  choices: readonly Thresholds[],
  cases: Cases,
  options: Pick<OpenWebgpuOptions, 'matrixUnits' | 'winograd'> = {},
) {
  await using backend = await openWebgpu({ device, ...options });
  const matrixUnit = options.matrixUnits ? await openMatrixUnit() : undefined;
  if (options.matrixUnits && !matrixUnit) return report(noMatrixUnits);
  for (const { networks: which, batch } of cases) {
    using networks = await openNetworks(which, small);
    using iteration = originalIteration(networks, { batch });
    for (const choice of choices) {
      registerWebgpuKernels(true, { ...choice, matrixUnit });
      report({ networks: which, batch, ...choice, ms: tenths(await stepMs(backend, iteration)) });
    }
  }
}

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
