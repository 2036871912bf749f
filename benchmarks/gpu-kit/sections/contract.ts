import { openBackend } from '@faceanim/backend-node';
import * as tf from '@tensorflow/tfjs-core';
import { wholeContract } from '../../../packages/core/test/support/whole-contract';
import { openWebgpu } from '../open-webgpu';
import type { Section, SectionContext } from '../section';

/** The suite that every backend has to pass, also after the loss of its device and for a tensor that is too large. */
export const contract: Section = {
  description: 'the contract of backends, against plain JavaScript',
  seconds: 150,
  shards: 6,
  run: (context) => runChecks(context, (name) => !isLeakCheck(name), 100),
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
) {
  await using suite = wholeContract({
    open: () => openWebgpu({ device }),
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
