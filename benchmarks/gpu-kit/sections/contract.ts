import { openBackend } from '@faceanim/backend-node';
import * as tf from '@tensorflow/tfjs-core';
import { wholeContract } from '../../../packages/core/test/support/whole-contract';
import { registerWebgpuKernels } from '../../../packages/tensor/src/kernels/webgpu';
import { openWebgpu } from '../open-webgpu';
import type { Section, SectionContext } from '../section';

/** The suite that every backend has to pass, also after the loss of its device and for a tensor that is too large. */
export const contract: Section = {
  description: 'the contract of backends, against plain JavaScript',
  seconds: 150,
  shards: 6,
  run: (context) => runChecks(context, (name) => !isLeakCheck(name), 100),
};

/** Tests are too small for them to save anything. */
const allByTiles = { leastSaved: Number.NEGATIVE_INFINITY };

export const winogradContract: Section = {
  description: 'the checks of convolutions and projections with transformed tiles',
  seconds: 90,
  shards: 6,
  run: (context) =>
    runChecks(
      context,
      (name) => /convolution|lpips|heatmaps|projection/.test(name),
      100,
      () => registerWebgpuKernels(true, allByTiles),
    ),
};

export const leaks: Section = {
  description: 'a thousand steps that may leave nothing behind',
  seconds: 60,
  run: (context) => runChecks(context, isLeakCheck, context.small ? 10 : 1000),
};

const isLeakCheck = (name: string) => name.startsWith('leaks no tensors');

async function runChecks(
  { device, shard: [shard, shards], report }: SectionContext,
  chosen: (name: string) => boolean,
  leakSteps: number,
  prepare = () => {},
) {
  await using suite = wholeContract({
    async open() {
      const backend = await openWebgpu({ device });
      prepare();
      return backend;
    },
    openOracle: () => openBackend({ prefer: 'js' }),
    leakSteps,
    tooLarge: 2 ** 40,
    loseDevice: () => (tf.backend() as unknown as { device: { destroy(): void } }).device.destroy(),
  });
  const checks = suite.checks.filter(({ name }) => chosen(name));
  for (const [i, { name, run }] of checks.entries()) {
    if (i % shards !== shard) continue;
    const error = await run().then(
      () => undefined,
      (error: Error) => error.message.split('\n')[0],
    );
    report({ check: name, passed: error === undefined, error });
  }
}
