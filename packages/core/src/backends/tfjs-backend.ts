import * as tf from '@tensorflow/tfjs-core';
import type { Backend } from '../contracts/backend';
import { unavailable } from './runtime';

/** How many open {@link Backend}s stand on each tfjs backend; the last one to close frees it. */
const holders = new Map<string, number>();
/** Factories of tfjs backends that were freed: `removeBackend` forgets them, and modules register only once. */
const factories = new Map<string, ReturnType<typeof tf.findBackendFactory>>();

/** What {@link openTfjsBackend} opens. */
export interface TfjsBackendOptions extends Pick<Backend, 'name' | 'tfBackend'> {
  /** Makes the tfjs backend instead of the factory that its module has registered. */
  create?: () => tf.KernelBackend | Promise<tf.KernelBackend>;
  /** What to do when tfjs cannot start it. Default: reinstall. */
  hint?: string;
  /** Asked once it has started, with the tfjs backend itself. */
  describe: (started: tf.KernelBackend) => Pick<Backend, 'description' | 'capabilities'>;
}

/**
 * Starts a tfjs backend whose module is loaded and wraps it. It is freed when the last of its holders closes.
 *
 * @throws FaceanimError `backend-unavailable` with the reason when it does not start
 */
export async function openTfjsBackend(options: TfjsBackendOptions): Promise<Backend> {
  const { name, tfBackend, describe } = options;
  if (!holders.has(tfBackend)) await start(options);
  holders.set(tfBackend, (holders.get(tfBackend) ?? 0) + 1);
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    const left = (holders.get(tfBackend) ?? 1) - 1;
    if (left > 0) {
      holders.set(tfBackend, left);
    } else {
      holders.delete(tfBackend);
      tf.removeBackend(tfBackend);
    }
  };
  try {
    return {
      specificationVersion: 'v1',
      name,
      tfBackend,
      ...describe(tf.findBackend(tfBackend)),
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
