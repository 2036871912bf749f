import type { RgbImage } from '@faceanim/core';
import { toWire } from '@faceanim/tensor/errors';
import type { WorkerFrame } from '../options';
import type { Answer, MessageEnd, Request } from '../protocol/messages';
import { projectorCalls } from './calls';
import { type OpenModels, openModels } from './models';

/**
 * Answers the calls of `createWorkerProjector`, in a worker.
 *
 * @param open Default: what `faceanim-worker.js` does, which opens the backend and networks that the page asks for.
 * @param end where calls come from. Default: the page that has started this worker.
 *
 * @example
 * // my-worker.js; in the page: createWorkerProjector({ worker: new Worker(new URL('my-worker.js', import.meta.url), { type: 'module' }) })
 * serveProjector(async () => {
 *   const backend = await openBackend();
 *   const models = await avatarPack();
 *   return { ...models, backend, defaults: { losses: [...identityLosses(models), myTerm()] } };
 * });
 */
export function serveProjector(
  open: OpenModels = openModels,
  end: MessageEnd = globalThis as unknown as MessageEnd,
): void {
  const calls = projectorCalls(open);
  const running = new Map<number, AbortController>();
  const send = (answer: Answer, transfer: Transferable[] = []) => end.postMessage(answer, transfer);

  async function answer({ id, call, options }: Extract<Request, { call: unknown }>) {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const result = await calls[call](options as never, {
        signal: controller.signal,
        onProgress: (progress) => send({ id, progress }),
        onWarning: (warning) => send({ id, warning }),
        onItem: (item) => send({ id, item }, picturesOf(item)),
      });
      send({ id, result });
    } catch (error) {
      send({ id, error: toWire(error) });
    } finally {
      running.delete(id);
    }
  }

  end.addEventListener('message', ({ data }: MessageEvent<Request>) => {
    if ('abort' in data) running.get(data.id)?.abort();
    else void answer(data);
  });
}

/** The buffers to move: those of drawn images. What else a frame has, the run still needs. */
function picturesOf(item: RgbImage | WorkerFrame): Transferable[] {
  const image = 'latent' in item ? item.image : item;
  return image ? [image.data.buffer] : [];
}
