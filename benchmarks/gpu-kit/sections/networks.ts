import { type Backend, eagerProgram, type StepProgram } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { gpuMB, measure, tenths } from '../../support/measure';
import { originalIteration } from '../../support/original-iteration';
import { type OriginalNetworks, originalNetworks, smallSizes } from '../../support/original-networks';
import { openPack } from '../open-pack';
import { type OpenWebgpuOptions, openWebgpu } from '../open-webgpu';
import type { Section, SectionContext } from '../section';

/** What is measured of a set of networks. */
export interface Case {
  readonly networks: 'avatar' | 256 | 1024;
  readonly how: 'eager' | 'replay';
  readonly batch?: number;
  /** Side in pixels at which the generator stops. Default: its own resolution. */
  readonly resolution?: number;
}

/** Images whose steps are queued before the host waits. */
const queued = 50;

/** A section with one way to run networks. */
export function networksSection(
  description: string,
  options: Omit<OpenWebgpuOptions, 'device'>,
  cases: readonly Case[],
): Section {
  return {
    description,
    seconds: 90,
    async run(context) {
      await using backend = await openWebgpu({ device: context.device, ...options });
      for (const each of cases) await measureCase(each, backend, context);
    },
  };
}

async function measureCase(
  { networks: which, how, batch = 1, resolution }: Case,
  backend: Backend,
  { small, report }: SectionContext,
) {
  const started = performance.now();
  using networks = await openNetworks(which, small);
  using iteration = originalIteration(networks, { batch, resolution: small ? undefined : resolution });
  using program = (how === 'eager' ? eagerProgram : backend.program!)(iteration.step, iteration.inputs);
  program.run();
  const [loss] = await program.read('loss');
  const firstStepMs = Math.round(performance.now() - started);
  // Queued steps first: a GPU that was idle needs some time to reach its clock rate.
  const queuedMs =
    how === 'eager' ? undefined : tenths(await queuedStep(program, small ? 2 : Math.ceil(queued / batch)));
  const timing = await measure(
    () => {
      program.run();
      return tf.clone(program.tensor('loss'));
    },
    { warmUp: 3, iterations: how === 'eager' || small ? 3 : 20 },
  );
  report({
    ...{ networks: which, stoppedAt: resolution, how, batch },
    ...{ ms: tenths(timing.ms), jsMs: tenths(timing.returnMs) },
    ...{ queuedMs, perImage: queuedMs && tenths(queuedMs / batch), gpuMB: gpuMB(), firstStepMs, loss },
  });
}

/** Milliseconds per step where the host does not wait for each. */
async function queuedStep(program: StepProgram, steps: number): Promise<number> {
  for (let i = 0; i < steps; i++) program.run();
  await program.read('loss');
  const start = performance.now();
  for (let i = 0; i < steps; i++) program.run();
  await program.read('loss');
  return (performance.now() - start) / steps;
}

/** The pack, or the original's networks with weights that are hashes of their names. */
export async function openNetworks(which: Case['networks'], small: boolean): Promise<OriginalNetworks> {
  if (small) return originalNetworks(smallSizes);
  return which === 'avatar' ? openPack() : originalNetworks({ resolution: which });
}
