import { throwIfAborted, toWire } from '@faceanim/tensor/errors';
import type { Answer, Calls, MessageEnd, Request } from '../protocol/messages';
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
  const running = new Map<number, RunningCall>();
  const send = (answer: Answer, transfer: Transferable[] = []) => end.postMessage(answer, transfer);

  async function answer({ id, call, options }: Extract<Request, { call: unknown }>) {
    const controller = new AbortController();
    const { signal } = controller;
    const mine: RunningCall = { controller, taken: () => {} };
    running.set(id, mine);
    try {
      const result = await calls[call](options as never, {
        signal,
        onProgress: (progress) => send({ id, progress }),
        onWarning: (warning) => send({ id, warning }),
        async onItem(item) {
          // Nobody would take it.
          throwIfAborted(signal);
          send({ id, item }, picturesOf(item));
          await new Promise<void>((resolve) => {
            mine.taken = resolve;
          });
          throwIfAborted(signal);
        },
      });
      send({ id, result });
    } catch (error) {
      send({ id, error: toWire(error) });
    } finally {
      running.delete(id);
    }
  }

  end.addEventListener('message', ({ data }: MessageEvent<Request>) => {
    if ('call' in data) return void answer(data);
    const call = running.get(data.id);
    if ('abort' in data) call?.controller.abort();
    call?.taken();
  });
}

interface RunningCall {
  readonly controller: AbortController;
  /** Lets a call go on that waits until its item is taken. */
  taken: () => void;
}

/** The buffers to move: those of drawn images. What else a frame has, the run still needs. */
function picturesOf(item: Calls[keyof Calls]['item']): Transferable[] {
  const image = 'latent' in item ? item.image : item;
  return image && 'data' in image ? [image.data.buffer] : [];
}
