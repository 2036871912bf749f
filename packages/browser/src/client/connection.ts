import { FaceanimError, fromWire, messageOf, throwIfAborted } from '@faceanim/tensor/errors';
import type { Hooks } from '../options';
import type { Answer, Calls, MessageEnd, Request } from '../protocol/messages';

/** The page's end of a connection with a worker. */
export interface Connection {
  /**
   * Makes a call. The worker makes one item ahead of the one that was pulled last, and leaving the loop early stops it.
   * `onProgress` and `onWarning` are called at once, whether or not an item is being pulled.
   */
  call<Name extends keyof Calls>(
    name: Name,
    options: Calls[Name]['options'],
    hooks?: Hooks,
  ): AsyncGenerator<Calls[Name]['item'], Calls[Name]['result']>;
  /** Ends all calls with an error, and every later one. */
  close(error: unknown): void;
}

/** Connects with a worker that answers calls. `onError` hears of each error that it answers with, before the caller does. */
export function connect(end: MessageEnd, onError: (error: Error) => void): Connection {
  const receivers = new Map<number, (answer: Answer | { failed: unknown }) => void>();
  let lastId = 0;
  let closed: { error: unknown } | undefined;
  end.addEventListener('message', ({ data }: MessageEvent<Answer>) => receivers.get(data.id)?.(data));

  return {
    async *call(name, options, { signal, onProgress, onWarning } = {}) {
      throwIfAborted(signal);
      if (closed) throw closed.error;
      const id = ++lastId;
      const answers: (Exclude<Answer, { progress: unknown } | { warning: unknown }> | { failed: unknown })[] =
        [];
      let wake = () => {};
      const receive = (answer: Answer | { failed: unknown }) => {
        try {
          if ('progress' in answer) return onProgress?.(answer.progress);
          if ('warning' in answer) return onWarning?.(answer.warning);
          answers.push(answer);
        } catch (failed) {
          answers.push({ failed });
        }
        wake();
      };
      receivers.set(id, receive);
      const abort = () => end.postMessage({ id, abort: true } satisfies Request, []);
      let running = true;
      try {
        send(end, { id, call: name, options });
        signal?.addEventListener('abort', abort, { once: true });
        for (;;) {
          const answer = answers.shift();
          if (!answer) await new Promise<void>((resolve) => (wake = resolve));
          else if ('failed' in answer) throw answer.failed;
          else if ('item' in answer) {
            end.postMessage({ id, taken: true } satisfies Request, []);
            yield answer.item as never;
          } else {
            running = false;
            if ('error' in answer) {
              const error = withReason(fromWire(answer.error), signal);
              onError(error);
              throw error;
            }
            // Its answer may have been on its way.
            throwIfAborted(signal);
            return answer.result as never;
          }
        }
      } finally {
        receivers.delete(id);
        signal?.removeEventListener('abort', abort);
        if (running) abort();
      }
    },
    close(error) {
      closed ??= { error };
      for (const receive of receivers.values()) receive({ failed: error });
    },
  };
}

/** @throws FaceanimError `invalid-option` for functions and other things that cannot be sent to a worker. */
function send(end: MessageEnd, request: Extract<Request, { call: string }>): void {
  try {
    end.postMessage(request, []);
  } catch (cause) {
    const reason = messageOf(cause);
    const name = unsendable(request.options) ?? 'what is passed';
    throw new FaceanimError('invalid-option', `${name} cannot be sent to the worker: ${reason}`, {
      hint: 'Pass files, addresses or ImageBitmaps, not elements of the page. Set up functions and networks in a worker of your own, with serveProjector() of @faceanim/browser/worker.',
      cause,
    });
  }
}

/** The name of the first option that cannot be sent. */
function unsendable(options: object): string | undefined {
  const sent = ([, value]: [string, unknown]) => {
    try {
      structuredClone(value);
      return true;
    } catch {
      return false;
    }
  };
  return Object.entries(options).find((entry) => !sent(entry))?.[0];
}

/** The reason of a signal stays in the page. */
function withReason(error: Error, signal: AbortSignal | undefined): Error {
  if (FaceanimError.isInstance(error, 'aborted')) error.cause = signal?.reason;
  return error;
}
