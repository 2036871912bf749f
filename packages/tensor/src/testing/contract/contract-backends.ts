import type { Backend } from '../../backends/backend';
import { FaceanimError } from '../../errors';

/** How the backends of a contract suite are opened. */
export interface ContractBackendOptions {
  /** Opens the backend that is tested. */
  open: () => Promise<Backend>;
  /** Opens the one whose numbers are right: plain JavaScript (`js`). */
  openOracle: () => Promise<Backend>;
}

/** The backend under test and its oracle, each opened when it is first needed. */
export interface ContractBackends extends AsyncDisposable {
  /** Activates the backend under test. */
  activate(): Promise<Backend>;
  /** Computes something on the oracle, then on the backend under test. */
  onBoth<T>(compute: (backend: Backend) => Promise<T>): Promise<{ got: T; expected: T }>;
  /** Closes the backend under test; `activate` opens it again. */
  close(): Promise<void>;
}

/** For authors of contract suites: the two backends that their checks compare. */
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

/** The error that a promise ends with, or undefined. */
export async function errorOf(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Throws unless the error is a {@link FaceanimError} of that code. */
export function expectCode(error: unknown, code: FaceanimError['code']): void {
  if (FaceanimError.isInstance(error, code)) return;
  throw new Error(`expected an error ${code}, got ${error instanceof Error ? error.stack : String(error)}`);
}
