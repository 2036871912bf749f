import {
  type Contract,
  type ContractBackendOptions,
  type ContractCheck,
  compare,
  contractBackends,
  countLeaks,
  expectCode,
  expectEqual,
  expectOutOfMemory,
  expectTrue,
} from '@faceanim/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import {
  fidelity,
  heatmaps,
  identity,
  landmarks,
  lpips,
  noise,
  pixel,
  prior,
  realism,
  smooth,
} from '../losses';
import { type CheckedLossTerm, withLossTerm } from './check-loss-term';
import { tinyRun } from './tiny-run';

/** Options of {@link projectionContract}. */
export interface ProjectionContractOptions extends ContractBackendOptions {
  /** Largest relative difference of values and gradients of loss terms. Default 1e-3. */
  tolerance?: number;
  /** Number of steps of the leak check. Default 1000, which takes a while on software GPUs. */
  leakSteps?: number;
  /** Makes the running backend lose its device, as after a driver crash. Default: not checked. */
  loseDevice?: () => void;
  /** Number of elements of a tensor that is too large for the backend. Without it, that check is left out. */
  tooLarge?: number;
}

/** Largest relative difference of the coordinates after ten steps of the tiny projection. */
const trajectoryTolerance = 2e-3;

const terms: readonly { name: string; term: CheckedLossTerm; inNoise?: boolean }[] = [
  { name: 'lpips', term: ({ perceptual: net }) => lpips({ net }) },
  { name: 'pixel', term: pixel() },
  { name: 'heatmaps', term: ({ landmarkNet: net }) => heatmaps({ net, scales: 3 }) },
  { name: 'heatmaps, original', term: ({ landmarkNet: net }) => heatmaps({ net, form: 'original' }) },
  { name: 'landmarks', term: ({ landmarkNet: net }) => landmarks({ net }) },
  { name: 'smooth', term: smooth() },
  { name: 'fidelity', term: fidelity() },
  { name: 'prior', term: prior() },
  { name: 'identity', term: ({ descriptor: net }) => identity({ net }) },
  { name: 'realism', term: ({ discriminator }) => realism({ net: discriminator }) },
  { name: 'noise', term: noise(), inNoise: true },
];

/**
 * Checks that a backend runs projections correctly, as a list for any test framework: loss terms and a ten-step projection
 * match an oracle backend, no tensors leak, and a run survives an abort and the loss of the device. Run `backendContract` of
 * `@faceanim/tensor/testing` first, which checks single operations.
 *
 * @example
 * const contract = projectionContract({ open: () => openBackend({ prefer: 'wasm' }), openOracle });
 * for (const { name, run } of contract.checks) it(name, run);
 * afterAll(() => contract[Symbol.asyncDispose]());
 */
export function projectionContract(options: ProjectionContractOptions): Contract {
  const { tolerance = 1e-3, leakSteps = 1000, loseDevice, tooLarge } = options;
  const backends = contractBackends(options);
  const checks: ContractCheck[] = [
    ...terms.map(({ name, term, inNoise }) => ({
      name: `loss term ${name}: value and gradient match the oracle`,
      async run() {
        const { got, expected } = await backends.onBoth(() =>
          withLossTerm(term, { inNoise }, (evaluate, at) => evaluate(at)),
        );
        compare([got.value], [expected.value], tolerance, 'value');
        compare(got.gradient, expected.gradient, tolerance, 'gradient');
      },
    })),
    {
      name: 'a projection of ten steps matches the oracle',
      async run() {
        const { got, expected } = await backends.onBoth((backend) =>
          tinyRun(2, { backend, steps: { first: 10, next: 10 }, readEvery: 1 }),
        );
        if (got.error) throw got.error;
        expectEqual(got.frames.length, 2, 'frames');
        for (const [i, { coordinates, history }] of expected.frames.entries()) {
          const frame = got.frames[i]!;
          const totals = (points: typeof history) => points.map(({ total }) => total);
          compare(totals(frame.history), totals(history), trajectoryTolerance, `losses of frame ${i}`);
          compare(frame.coordinates, coordinates, trajectoryTolerance, `coordinates of frame ${i}`);
        }
      },
    },
    {
      name: `leaks no tensors in ${leakSteps} steps`,
      async run() {
        const backend = await backends.activate();
        const counts = new Set<number>();
        const steps = { first: leakSteps, next: 1 };
        const leaked = await countLeaks(async () => {
          const { error } = await tinyRun(1, {
            backend,
            steps,
            readEvery: Math.ceil(leakSteps / 20),
            onProgress: ({ stage }) => stage === 'optimize' && counts.add(tf.memory().numTensors),
          });
          if (error) throw error;
        });
        expectEqual(leaked, 0, 'tensors left');
        expectTrue(
          counts.size <= 2,
          `the number of tensors does not grow from step to step (${[...counts]})`,
        );
      },
    },
    {
      name: 'an abort throws a typed error, keeps the finished frames and leaks no tensors',
      async run() {
        const backend = await backends.activate();
        const controller = new AbortController();
        const before = tf.memory().numTensors;
        const { frames, error } = await tinyRun(3, {
          backend,
          steps: { first: 4, next: 50 },
          readEvery: 1,
          signal: controller.signal,
          onProgress: ({ frame, step }) => frame === 1 && step === 2 && controller.abort(),
        });
        expectCode(error, 'aborted');
        expectEqual(frames.length, 1, 'finished frames');
        expectEqual(tf.memory().numTensors - before, 0, 'tensors left');
      },
    },
  ];
  if (tooLarge !== undefined) {
    checks.push({
      name: 'a projection runs again on a backend that was opened again after it ran out of memory',
      async run() {
        await backends.activate();
        await expectOutOfMemory(tooLarge);
        await backends.close();
        await backends.activate();
        const { frames, error } = await tinyRun(1, { steps: { first: 2, next: 1 } });
        if (error) throw error;
        expectEqual(frames.length, 1, 'frames');
      },
    });
  }
  if (loseDevice) {
    checks.push({
      name: 'a device lost in mid-run throws a typed error, keeps the finished frames, and the run can be resumed',
      async run() {
        const backend = await backends.activate();
        const options = { backend, steps: { first: 4, next: 4 }, readEvery: 1 };
        const { frames, error } = await tinyRun(3, {
          ...options,
          onProgress: ({ frame, step }) => frame === 1 && step === 2 && loseDevice(),
        });
        expectCode(error, 'device-lost');
        expectEqual(frames.length, 1, 'finished frames');
        await backends.close();
        const reopened = await backends.activate();
        const { frames: all, error: again } = await tinyRun(3, {
          ...options,
          backend: reopened,
          resume: frames,
        });
        if (again) throw again;
        expectEqual(all.length, 3, 'frames after resuming');
      },
    });
  }
  return { checks, [Symbol.asyncDispose]: () => backends[Symbol.asyncDispose]() };
}
