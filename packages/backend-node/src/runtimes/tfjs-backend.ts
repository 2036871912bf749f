import type { Backend } from '@faceanim/core';
import { FaceanimError } from '@faceanim/core';
import * as tf from '@tensorflow/tfjs-core';

/** How many open {@link Backend}s stand on each tfjs backend; the last one to close frees it. */
const holders = new Map<string, number>();
/** Factories of tfjs backends that were freed: `removeBackend` forgets them, and modules register only once. */
const factories = new Map<string, ReturnType<typeof tf.findBackendFactory>>();

/**
 * Starts a tfjs backend whose module is loaded and wraps it.
 *
 * @throws FaceanimError `backend-unavailable` with the reason when it does not start
 */
export async function openTfjsBackend(
  about: Pick<Backend, 'name' | 'tfBackend'>,
  describe: () => Pick<Backend, 'description' | 'capabilities'>,
): Promise<Backend> {
  const { name, tfBackend } = about;
  const registered = tf.findBackendFactory(tfBackend);
  const forgotten = factories.get(tfBackend);
  if (registered) factories.set(tfBackend, registered);
  else if (forgotten) tf.registerBackend(tfBackend, forgotten);

  if (!holders.has(tfBackend)) await start(name, tfBackend);
  holders.set(tfBackend, (holders.get(tfBackend) ?? 0) + 1);
  let open = true;
  return {
    specificationVersion: 'v1',
    ...about,
    ...describe(),
    async activate() {
      if (!open) throw unavailable(name, 'it was closed', 'Open it again with openBackend().');
      await tf.setBackend(tfBackend);
    },
    async [Symbol.asyncDispose]() {
      if (!open) return;
      open = false;
      const left = (holders.get(tfBackend) ?? 1) - 1;
      if (left > 0) {
        holders.set(tfBackend, left);
      } else {
        holders.delete(tfBackend);
        tf.removeBackend(tfBackend);
      }
    },
  };
}

/** A `backend-unavailable` error that says why and what to do. */
export function unavailable(name: string, reason: string, hint: string, cause?: unknown): FaceanimError {
  return new FaceanimError('backend-unavailable', `The ${name} backend did not come up: ${reason}.`, {
    hint,
    cause,
  });
}

async function start(name: string, tfBackend: string): Promise<void> {
  const active = tf.engine().backendName;
  // tfjs swallows the reason of a failed start; it only warns on the console.
  let up = false;
  let cause: unknown;
  try {
    up = await tf.setBackend(tfBackend);
  } catch (error) {
    cause = error;
  }
  if (!up) {
    throw unavailable(
      name,
      `tfjs could not start "${tfBackend}"`,
      'Reinstall the packages (npm install); the console has the message of tfjs.',
      cause,
    );
  }
  if (active && active !== tfBackend) await tf.setBackend(active);
}
