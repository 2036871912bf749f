import * as tf from '@tensorflow/tfjs-core';
import type { Backend } from './backend';
import { isBroken } from './faults';
import { unavailable } from './runtime';

/** A tfjs backend that runs or is being started, and how many {@link Backend}s stand on it; the last to close frees it. */
interface Running {
  /** Resolves when it has started. Shared, so that whoever opens it meanwhile waits for the same start. */
  readonly ready: Promise<tf.KernelBackend>;
  /** The backend, once it has started. */
  started?: tf.KernelBackend;
  holders: number;
}

const running = new Map<string, Running>();
/** Factories of tfjs backends that were freed: `removeBackend` forgets them, and modules register only once. */
const factories = new Map<string, ReturnType<typeof tf.findBackendFactory>>();

/** What {@link openTfjsBackend} opens. */
export interface TfjsBackendOptions extends Pick<Backend, 'name' | 'tfBackend'> {
  /** Makes the tfjs backend instead of the factory that its module has registered. */
  create?: () => tf.KernelBackend | Promise<tf.KernelBackend>;
  /** What to do when tfjs cannot start it. Default: reinstall. */
  hint?: string;
  /** Asked once it has started, with the tfjs backend itself. */
  describe: (started: tf.KernelBackend) => Pick<Backend, 'description' | 'capabilities' | 'program'>;
}

/**
 * Starts a tfjs backend whose module is loaded and wraps it. It is freed when the last of its holders closes.
 *
 * @throws FaceanimError `backend-unavailable` with the reason when it does not start
 */
export async function openTfjsBackend(options: TfjsBackendOptions): Promise<Backend> {
  const { name, tfBackend, describe } = options;
  const mine = runningOf(options);
  // Counted before anything is awaited: a holder that closes meanwhile must not free it.
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
        await tf.setBackend(tfBackend);
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

/** The one that runs or starts, or a new one in place of one that is broken. */
function runningOf(options: TfjsBackendOptions): Running {
  const { tfBackend } = options;
  const known = running.get(tfBackend);
  // What has lost its device or its memory serves nobody any more, whoever still holds it.
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
  if (create) {
    const instance = await create();
    if (tf.findBackendFactory(tfBackend)) tf.removeBackend(tfBackend);
    tf.registerBackend(tfBackend, () => instance);
  } else {
    restoreFactory(tfBackend);
  }
  const active = tf.engine().backendName;
  // tfjs swallows the reason of a failed start; it only warns on the console.
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
