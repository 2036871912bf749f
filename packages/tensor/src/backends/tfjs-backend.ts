import * as tf from '@tensorflow/tfjs-core';
import type { Backend } from './backend';
import { isBroken } from './faults';
import { unavailable } from './runtime';

/** A tfjs backend that is running or starting. All open {@link Backend}s on it share it; the last one to close frees it. */
interface Running {
  /** Resolves when it has started. Calls that open it meanwhile wait for the same start. */
  readonly ready: Promise<tf.KernelBackend>;
  /** The backend, once it has started. */
  started?: tf.KernelBackend;
  holders: number;
}

const running = new Map<string, Running>();
/** Factories of freed tfjs backends. `removeBackend` drops them, and a module registers its factory only once. */
const factories = new Map<string, ReturnType<typeof tf.findBackendFactory>>();

/** Options of {@link openTfjsBackend}. */
export interface TfjsBackendOptions extends Pick<Backend, 'name' | 'tfBackend'> {
  /** Creates the tfjs backend. By default, or if it creates none, the factory that its module has registered does. */
  create?: () => tf.KernelBackend | Promise<tf.KernelBackend | undefined>;
  /** Hint for when tfjs cannot start it. Default: reinstall. */
  hint?: string;
  /** Called with the tfjs backend once it has started. */
  describe: (started: tf.KernelBackend) => Pick<Backend, 'description' | 'capabilities' | 'program'>;
}

/**
 * Starts a TensorFlow.js backend, or shares the running one, and wraps it as a {@link Backend}. The tfjs backend is freed
 * when the last Backend on it is disposed.
 *
 * @throws FaceanimError `backend-unavailable` with the reason if it does not start
 */
export async function openTfjsBackend(options: TfjsBackendOptions): Promise<Backend> {
  const { name, tfBackend, describe } = options;
  const mine = runningOf(options);
  // Counted before the first await: another holder that closes meanwhile must not free it.
  mine.holders++;
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    mine.holders--;
    if (mine.holders > 0 || running.get(tfBackend) !== mine) return;
    running.delete(tfBackend);
    if (mine.started) tf.removeBackend(tfBackend);
  };
  try {
    const started = await mine.ready;
    return {
      specificationVersion: 'v1',
      name,
      tfBackend,
      ...describe(started),
      async activate() {
        if (!open) throw unavailable(name, 'it was closed', 'Open it again with openBackend().');
        // Even if it is active, tfjs sets up all its kernels.
        if (tf.engine().backendName !== tfBackend) await tf.setBackend(tfBackend);
      },
      async [Symbol.asyncDispose]() {
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** The backend that is running or starting, or a new one if there is none or it is broken. */
function runningOf(options: TfjsBackendOptions): Running {
  const { tfBackend } = options;
  const known = running.get(tfBackend);
  // A broken backend is of no use to its other holders either.
  if (known && !(known.started && isBroken(known.started))) return known;
  if (known) tf.removeBackend(tfBackend);
  const mine: Running = {
    holders: 0,
    ready: start(options).then(() => (mine.started = tf.findBackend(tfBackend))),
  };
  running.set(tfBackend, mine);
  return mine;
}

async function start({ name, tfBackend, create, hint }: TfjsBackendOptions): Promise<void> {
  const instance = await create?.();
  restoreFactory(tfBackend);
  if (instance) {
    if (tf.findBackendFactory(tfBackend)) tf.removeBackend(tfBackend);
    tf.registerBackend(tfBackend, () => instance);
  }
  const active = tf.engine().backendName;
  // tfjs often only logs a failed start to the console instead of throwing.
  let cause: unknown;
  const up = await tf.setBackend(tfBackend).catch((error: unknown) => {
    cause = error;
    return false;
  });
  if (active && active !== tfBackend) await tf.setBackend(active);
  if (up) return;
  throw unavailable(
    name,
    `tfjs could not start "${tfBackend}"`,
    hint ?? 'Reinstall the packages (npm install); the console has the message of tfjs.',
    cause,
  );
}

function restoreFactory(tfBackend: string): void {
  const registered = tf.findBackendFactory(tfBackend);
  const forgotten = factories.get(tfBackend);
  if (registered) factories.set(tfBackend, registered);
  else if (forgotten) tf.registerBackend(tfBackend, forgotten);
}
