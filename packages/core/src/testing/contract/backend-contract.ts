import * as tf from '@tensorflow/tfjs-core';
import type { Backend } from '../../contracts/backend';
import type { LossTerm } from '../../contracts/loss-term';
import { FaceanimError } from '../../errors';
import { fan, fidelity, landmarks, lpips, noise, pixel, prior, realism, smooth } from '../../losses';
import { countLeaks, withLossTerm } from '../checks';
import { compare, expectEqual, expectTrue } from './compare';
import type { ContractCheck } from './contract-check';
import { checkDifferences, evaluateOperation } from './operation';
import { operations } from './operations';
import { programChecks, readAfterLoss } from './programs';
import { tinyRun } from './tiny-run';

/** Options of {@link backendContract}. */
export interface BackendContractOptions {
  /** Opens the backend that is tested. */
  open: () => Promise<Backend>;
  /** Opens the one whose numbers are right: plain JavaScript (`js`). */
  openOracle: () => Promise<Backend>;
  /** Largest relative difference of values and gradients of single operations. Default 1e-4. */
  tolerance?: number;
  /** Steps after which no tensor may be left. Default 1000; software GPUs take a while for these. */
  leakSteps?: number;
  /** Loses the device of the running backend, as a driver crash would; without it that check is left out. */
  loseDevice?: () => void;
  /** Elements of a tensor that is too large for this backend; without it that check is left out. */
  tooLarge?: number;
}

/** The checks of one backend. Run them in order and dispose it after the last. */
export interface BackendContract extends AsyncDisposable {
  readonly checks: readonly ContractCheck[];
}

/** Largest relative difference of the coordinates after ten steps of the tiny projection. */
const trajectoryTolerance = 2e-3;

const terms: readonly LossTerm[] = [
  lpips(),
  pixel(),
  fan({ scales: 3 }),
  { ...fan({ form: 'repository' }), name: 'fan, repository' },
  landmarks(),
  smooth(),
  fidelity(),
  prior(),
  realism(),
];

/**
 * What every tensor backend must do, as a list of checks for any test framework: every operation and gradient of the
 * SDK and every loss term against an oracle, the same ten-step projection, nothing leaked, abort, loss of the device,
 * lack of memory.
 *
 * @example
 * const contract = backendContract({ open: () => openBackend({ prefer: 'wasm' }), openOracle });
 * for (const { name, run } of contract.checks) it(name, run);
 * afterAll(() => contract[Symbol.asyncDispose]());
 */
export function backendContract(options: BackendContractOptions): BackendContract {
  const { tolerance = 1e-4, leakSteps = 1000, loseDevice, tooLarge } = options;
  const opened = lazily(options.open);
  const oracle = lazily(options.openOracle);
  /** Activates the tested backend. */
  const activate = async () => {
    const backend = await opened.get();
    await backend.activate();
    return backend;
  };
  const onBoth = async <T>(compute: (backend: Backend) => Promise<T>): Promise<{ got: T; expected: T }> => {
    const right = await oracle.get();
    await right.activate();
    const expected = await compute(right);
    return { got: await compute(await activate()), expected };
  };
  const checks: ContractCheck[] = [
    {
      name: 'tells what it is',
      async run() {
        const backend = await activate();
        expectEqual(tf.getBackend(), backend.tfBackend, 'the active tfjs backend');
        expectTrue(backend.description.length > 0, 'it has a description');
      },
    },
    ...operations.map((operation) => ({
      name: `${operation.name}: value${operation.forwardOnly ? '' : ' and gradients'} as the oracle's`,
      async run() {
        const { got, expected } = await onBoth(() => evaluateOperation(operation));
        expected.forEach((values, i) => {
          compare(
            got[i]!,
            values,
            operation.tolerance ?? tolerance,
            i === 0 ? 'value' : `gradient in input ${i}`,
          );
        });
      },
    })),
    ...operations
      .filter(({ differences }) => differences)
      .map((operation) => ({
        name: `${operation.name}: gradient as finite differences say`,
        async run() {
          await activate();
          const { gradientNorm, relativeError } = await checkDifferences(operation);
          expectTrue(gradientNorm > 0, 'there is a gradient');
          expectTrue(relativeError < 1e-2, `its relative error, ${relativeError}, is below 1e-2`);
        },
      })),
    ...[...terms.map((term) => ({ term, inNoise: false })), { term: noise(), inNoise: true }].map(
      ({ term, inNoise }) => ({
        name: `loss term ${term.name}: value and gradient as the oracle's`,
        async run() {
          const { got, expected } = await onBoth(() =>
            withLossTerm(term, { inNoise }, (evaluate, at) => evaluate(at)),
          );
          compare([got.value], [expected.value], 10 * tolerance, 'value');
          compare(got.gradient, expected.gradient, 10 * tolerance, 'gradient');
        },
      }),
    ),
    ...programChecks(activate),
    {
      name: 'a projection of ten steps takes the same way as the oracle',
      async run() {
        const { got, expected } = await onBoth((backend) =>
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
      name: `leaves nothing behind after ${leakSteps} steps`,
      async run() {
        const backend = await activate();
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
      name: 'an abort is typed, keeps the finished frames and leaves nothing behind',
      async run() {
        const backend = await activate();
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
      name: 'a tensor for which there is no room is a typed error',
      async run() {
        await activate();
        const error = await settled(async () => {
          const large = tf.fill([tooLarge], 1);
          try {
            await tf.slice(large, 0, 1).data();
          } finally {
            large.dispose();
          }
        });
        expectCode(error, 'out-of-memory');
        // What has run out of memory is opened anew.
        await opened.close();
        await activate();
        expectEqual(
          (await tinyRun(1, { steps: { first: 2, next: 1 } })).error,
          undefined,
          'the error of the next run',
        );
      },
    });
  }
  if (loseDevice) {
    checks.push({
      name: 'a device lost under a program is a typed error',
      async run() {
        const error = await settled(() => readAfterLoss(activate, loseDevice));
        expectCode(error, 'device-lost');
        await opened.close();
      },
    });
    checks.push({
      name: 'a device lost in mid-run is a typed error, the finished frames are kept, and it can be opened again',
      async run() {
        const backend = await activate();
        const options = { backend, steps: { first: 4, next: 4 }, readEvery: 1 };
        const { frames, error } = await tinyRun(3, {
          ...options,
          onProgress: ({ frame, step }) => frame === 1 && step === 2 && loseDevice(),
        });
        expectCode(error, 'device-lost');
        expectEqual(frames.length, 1, 'finished frames');
        await opened.close();
        const reopened = await activate();
        const { frames: all, error: again } = await tinyRun(3, {
          ...options,
          backend: reopened,
          resume: frames,
        });
        if (again) throw again;
        expectEqual(all.length, 3, 'frames after going on');
      },
    });
  }
  return {
    checks,
    async [Symbol.asyncDispose]() {
      await opened.close();
      await oracle.close();
    },
  };
}

/** A backend that is opened when it is first needed, and again after it was closed. */
function lazily(open: () => Promise<Backend>) {
  let backend: Promise<Backend> | undefined;
  return {
    get: () => (backend ??= open()),
    async close() {
      const last = await backend;
      backend = undefined;
      await last?.[Symbol.asyncDispose]();
    },
  };
}

async function settled(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error;
  }
}

function expectCode(error: unknown, code: FaceanimError['code']): void {
  if (FaceanimError.isInstance(error, code)) return;
  throw new Error(`expected an error ${code}, got ${error instanceof Error ? error.stack : String(error)}`);
}
