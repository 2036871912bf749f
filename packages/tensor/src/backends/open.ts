import { FaceanimError, invalidOption, messageOf, throwIfAborted } from '../errors';
import {
  aFunction,
  anAbortSignal,
  anything,
  checkOptions,
  type OptionChecks,
  oneOf,
  trueOrFalse,
  wholeNumberFrom,
} from '../options';
import type { Backend, BackendName } from './backend';
import { type RuntimeFactory, type RuntimeOptions, unavailable } from './runtime';
import { gradientSelfTest } from './self-test';

/** Options of `openBackend`, common to all backend packages. */
export interface OpenBackendOptions {
  /** Runtimes to try, in this order, and no others. Default: all runtimes of the package, fastest first. */
  prefer?: BackendName | readonly BackendName[];
  /** Whether a GPU runtime may run on a software adapter, which is slower than WASM. Default false. */
  allowSoftware?: boolean;
  /** Whether fused kernels replace plain tfjs operations, where the runtime has them; false to compare. Default true. */
  fusedKernels?: boolean;
  /**
   * Experimental, WebGPU only: computes gradients of convolutions in half precision on the GPU's matrix units (tensor
   * cores), if it has them, as the description of the backend then says. Helps with batches. Gradients above 16 in any
   * activation are cut off. In Node, only the first time that WebGPU is opened counts. Default false.
   */
  matrixUnits?: boolean;
  /**
   * WebGPU only: computes large convolutions of 3 × 3 with a quarter of the multiplications (Winograd), from filters that are
   * transformed beforehand and take eight times their memory more. Helps with large generators, most of all in batches; the
   * avatar pack is too small for it. Each result differs by a few millionths. Default false.
   */
  winograd?: boolean;
  /**
   * Number of threads of the WASM runtime, up to 8. A running one keeps those it has. In pages, more than one needs
   * cross-origin isolation. Default: the number of cores.
   */
  threads?: number;
  /** Called before each attempt, with the fraction of candidates already tried. */
  onProgress?: (event: { readonly stage: 'load'; readonly fraction: number }) => void;
  /** Aborts between two attempts. */
  signal?: AbortSignal;
}

/** Checks of {@link OpenBackendOptions}, for packages that add options of their own. */
export const openBackendChecks: OptionChecks<OpenBackendOptions> = {
  // Checked against the names of the runtimes.
  prefer: anything,
  allowSoftware: trueOrFalse,
  fusedKernels: trueOrFalse,
  matrixUnits: trueOrFalse,
  winograd: trueOrFalse,
  threads: wholeNumberFrom(1),
  onProgress: aFunction,
  signal: anAbortSignal,
};

/** Seconds before a runtime that has not started is given up, since later calls wait for it. */
const startLimit = 60;

/** The latest call. The next one waits for it, since opening a runtime activates it for the self-test. */
let lastCall: Promise<unknown> = Promise.resolve();

/**
 * Opens and activates the first runtime that starts and passes a gradient self-test. For backend packages; applications
 * call the `openBackend` of such a package.
 *
 * Concurrent calls run one after the other. Calls that open the same runtime share it, and it is freed when the last of
 * them disposes of its backend. A runtime that has not started after a minute is given up.
 *
 * @param runtimes in the default order
 * @throws FaceanimError `invalid-option` for an unknown name; `backend-unavailable` if none started, with the reason and
 *   remedy for each; `aborted`
 */
export function openFirstBackend(
  runtimes: readonly RuntimeFactory[],
  options: OpenBackendOptions = {},
): Promise<Backend> {
  const call = lastCall.then(() => openFirst(runtimes, options));
  lastCall = call.catch(() => {});
  return call;
}

async function openFirst(runtimes: readonly RuntimeFactory[], options: OpenBackendOptions): Promise<Backend> {
  checkOptions('openBackend', options, openBackendChecks);
  const {
    prefer,
    allowSoftware = false,
    fusedKernels = true,
    matrixUnits = false,
    winograd = false,
    threads,
    onProgress,
    signal,
  } = options;
  const candidates = choose(runtimes, prefer);
  const failures: { name: string; error: unknown }[] = [];
  for (const [i, runtime] of candidates.entries()) {
    throwIfAborted(signal);
    onProgress?.({ stage: 'load', fraction: i / candidates.length });
    try {
      const own = { allowSoftware, fusedKernels, matrixUnits, winograd, threads };
      const backend = await openAndTest(runtime, own);
      onProgress?.({ stage: 'load', fraction: 1 });
      const skipped = failures.map(({ name, error }) => ({ name, reason: messageOf(error) }));
      return { ...backend, skipped };
    } catch (error) {
      failures.push({ name: runtime.name, error });
    }
  }
  throw noneCameUp(failures);
}

async function openAndTest(runtime: RuntimeFactory, options: RuntimeOptions): Promise<Backend> {
  const backend = await inTime(runtime, runtime.open(options));
  try {
    await backend.activate();
    await gradientSelfTest(backend.name);
    return backend;
  } catch (error) {
    await backend[Symbol.asyncDispose]();
    throw error;
  }
}

/** @throws FaceanimError `backend-unavailable` if it takes too long; a backend that opens later is closed */
async function inTime({ name }: RuntimeFactory, opening: Promise<Backend>): Promise<Backend> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      opening.then((backend) => backend[Symbol.asyncDispose]()).catch(() => {});
      const hint = 'Reload the page, or start the program again; else pass another backend as prefer.';
      reject(unavailable(name, `it has not started within ${startLimit} seconds`, hint));
    }, 1000 * startLimit);
  });
  try {
    return await Promise.race([opening, late]);
  } finally {
    clearTimeout(timer);
  }
}

function choose(
  runtimes: readonly RuntimeFactory[],
  prefer: OpenBackendOptions['prefer'],
): readonly RuntimeFactory[] {
  if (prefer === undefined) return runtimes;
  const names = Array.isArray(prefer) ? (prefer as readonly BackendName[]) : [prefer as BackendName];
  const known = runtimes.map(({ name }) => name);
  if (names.length === 0) throw invalidOption('prefer', names, `one or more of ${known.join(', ')}`);
  return names.map((wanted) => {
    oneOf(...known)(wanted, 'prefer');
    return runtimes.find(({ name }) => name === wanted)!;
  });
}

function noneCameUp(failures: readonly { name: string; error: unknown }[]): unknown {
  const [first] = failures;
  if (failures.length === 1 && FaceanimError.isInstance(first!.error)) return first!.error;
  const reasons = failures.map(({ name, error }) => `\n${name}: ${messageOf(error)}`);
  const hints = failures.map(({ name, error }) =>
    FaceanimError.isInstance(error) && error.hint
      ? `${name}: ${error.hint}`
      : `${name}: reinstall its package.`,
  );
  return new FaceanimError('backend-unavailable', `No tensor backend came up.${reasons.join('')}`, {
    hint: hints.join('\n'),
    cause: new AggregateError(failures.map(({ error }) => error)),
  });
}
