import * as tf from '@tensorflow/tfjs-core';
import type { Backend } from '../../backends/backend';
import { FaceanimError } from '../../errors';

/** How to open the backends of a contract suite. */
export interface ContractBackendOptions {
  /** Opens the backend under test. */
  open: () => Promise<Backend>;
  /** Opens the reference backend, whose numbers count as correct: plain JavaScript (`js`). */
  openOracle: () => Promise<Backend>;
}

/** The backend under test and the reference backend, each opened on first use. */
export interface ContractBackends extends AsyncDisposable {
  /** Activates the backend under test. */
  activate(): Promise<Backend>;
  /** Computes something on the reference backend, then on the backend under test. */
  onBoth<T>(compute: (backend: Backend) => Promise<T>): Promise<{ got: T; expected: T }>;
  /** Closes the backend under test. `activate` opens it again. */
  close(): Promise<void>;
}

/** Prepares the two backends that the checks of a contract suite compare. For authors of such suites. */
export function contractBackends(options: ContractBackendOptions): ContractBackends {
  const tested = lazily(options.open);
  const oracle = lazily(options.openOracle);
  const activate = async () => {
    const backend = await tested.get();
    await backend.activate();
    return backend;
  };
  return {
    activate,
    async onBoth(compute) {
      const right = await oracle.get();
      await right.activate();
      const expected = await compute(right);
      return { got: await compute(await activate()), expected };
    },
    close: tested.close,
    async [Symbol.asyncDispose]() {
      await tested.close();
      await oracle.close();
    },
  };
}

/** A backend that is opened on first use, and again after it was closed. */
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

/** Runs a function and returns the error that it rejects with, or undefined. */
export async function errorOf(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Throws unless `error` is a {@link FaceanimError} with this code. */
export function expectCode(error: unknown, code: FaceanimError['code']): void {
  if (FaceanimError.isInstance(error, code)) return;
  throw new Error(`expected an error ${code}, got ${error instanceof Error ? error.stack : String(error)}`);
}

/** Throws unless a tensor of this many elements is refused with `out-of-memory` by the active backend. */
export async function expectOutOfMemory(elements: number): Promise<void> {
  const error = await errorOf(async () => {
    const tensors = [tf.fill([elements], 1)];
    try {
      tensors.push(tf.slice(tensors[0]!, 0, 1));
      await tensors[1]!.data();
    } finally {
      tf.dispose(tensors);
    }
  });
  expectCode(error, 'out-of-memory');
}
