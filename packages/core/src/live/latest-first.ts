import { pause, throwIfAborted } from '@faceanim/tensor';

/** The newest item of a stream. */
export interface Newest<T> {
  readonly item: T;
  /** When it came, by `performance.now()`. */
  readonly at: number;
  /** How many came after the one before it, and were dropped. */
  readonly dropped: number;
}

/** Reads a stream as fast as it comes, and keeps its newest item; see {@link latestFirst}. Closes the stream in the end. */
export interface LatestFirst<T> extends Disposable {
  /**
   * Waits until there is an item, or no more will come.
   *
   * @throws FaceanimError `aborted`; and whatever the stream throws.
   */
  ready(): Promise<void>;
  /** Takes the newest item; undefined if none has come since the last one. */
  take(): Newest<T> | undefined;
}

/** Reads a stream as fast as it comes. Items that are older than the newest one are dropped, and counted. */
export function latestFirst<T>(stream: AsyncIterable<T> | Iterable<T>, signal?: AbortSignal): LatestFirst<T> {
  let newest: Newest<T> | undefined;
  let dropped = 0;
  let state: 'open' | 'closed' | { readonly error: unknown } = 'open';
  let wake = () => {};
  let woken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const change = () => {
    wake();
    woken = new Promise((resolve) => {
      wake = resolve;
    });
  };
  const iterator = iteratorOf(stream);
  const isOpen = () => state === 'open';
  const read = async () => {
    try {
      while (isOpen()) {
        const { done, value } = await iterator.next();
        if (!isOpen()) return;
        if (done) state = 'closed';
        else {
          if (newest) dropped++;
          newest = { item: value, at: performance.now(), dropped };
        }
        change();
        // A stream that never waits would let nothing else run.
        await pause();
      }
    } catch (error) {
      state = { error };
      change();
    }
  };
  signal?.addEventListener('abort', change);
  if (!signal?.aborted) void read();
  return {
    async ready() {
      for (;;) {
        throwIfAborted(signal);
        if (newest || state === 'closed') return;
        if (state !== 'open') throw state.error;
        await woken;
      }
    },
    take() {
      const taken = newest;
      if (taken) [newest, dropped] = [undefined, 0];
      return taken;
    },
    [Symbol.dispose]() {
      signal?.removeEventListener('abort', change);
      if (!isOpen()) return;
      state = 'closed';
      change();
      // At once, and not when the next item comes: a camera may have stopped. Nobody waits for how it ends.
      void (async () => iterator.return?.())().catch(() => {});
    },
  };
}

function iteratorOf<T>(stream: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> | Iterator<T> {
  return Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]();
}
