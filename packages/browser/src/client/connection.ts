import { FaceanimError, fromWire, throwIfAborted } from '@faceanim/tensor/errors';
import type { Answer, Calls, Hooks, MessageEnd, Request } from '../protocol/messages';

/** The page's end of a connection with a worker. */
export interface Connection {
  /** Makes a call. Its items arrive as the worker makes them, and leaving the loop early stops the worker. */
  call<Name extends keyof Calls>(
    name: Name,
    options: Calls[Name]['options'],
    hooks?: Hooks,
  ): AsyncGenerator<Calls[Name]['item'], Calls[Name]['result']>;
  /** Ends all calls with an error, and every later one. */
  close(error: unknown): void;
}

/** Connects with a worker that answers calls. */
export function connect(end: MessageEnd): Connection {
  const receivers = new Map<number, (answer: Answer | { failed: unknown }) => void>();
  let lastId = 0;
  let closed: { error: unknown } | undefined;
  end.addEventListener('message', ({ data }: MessageEvent<Answer>) => receivers.get(data.id)?.(data));

  return {
    async *call(name, options, { signal, onProgress, onWarning } = {}) {
      throwIfAborted(signal);
      if (closed) throw closed.error;
      const id = ++lastId;
      const answers: (Answer | { failed: unknown })[] = [];
      let wake = () => {};
      receivers.set(id, (answer) => {
        answers.push(answer);
        wake();
      });
      const abort = () => end.postMessage({ id, abort: true } satisfies Request, []);
      let running = true;
      try {
        send(end, { id, call: name, options });
        signal?.addEventListener('abort', abort, { once: true });
        for (;;) {
          const answer = answers.shift();
          if (!answer) await new Promise<void>((resolve) => (wake = resolve));
          else if ('progress' in answer) onProgress?.(answer.progress);
          else if ('warning' in answer) onWarning?.(answer.warning);
          else if ('item' in answer) yield answer.item as never;
          else {
            running = false;
            if ('result' in answer) return answer.result as never;
            throw 'failed' in answer ? answer.failed : withReason(fromWire(answer.error), signal);
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
function send(end: MessageEnd, request: Request): void {
  try {
    end.postMessage(request, []);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FaceanimError('invalid-option', `The options cannot be sent to the worker: ${reason}`, {
      hint: 'Set up functions and networks in a worker of your own, with serveProjector() of @faceanim/browser/worker.',
      cause,
    });
  }
}

/** The reason of a signal stays in the page. */
function withReason(error: Error, signal: AbortSignal | undefined): Error {
  if (FaceanimError.isInstance(error, 'aborted')) error.cause = signal?.reason;
  return error;
}
