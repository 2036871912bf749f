import { pause } from '@faceanim/tensor';
import { throwIfRunAborted } from '../abort';

/** The newest item of a stream. */
export interface Newest<T> {
  readonly item: T;
  /** When it came, by `performance.now()`. */
  readonly at: number;
  /** How many came after the one before it, and were dropped. */
  readonly dropped: number;
}

/**
 * Reads a stream as fast as it comes, and yields the newest item whenever the consumer is ready. Items that are older by then
 * are dropped.
 *
 * @throws FaceanimError `aborted`; and whatever the stream throws.
 */
export async function* latestFirst<T>(
  stream: AsyncIterable<T> | Iterable<T>,
  signal?: AbortSignal,
): AsyncGenerator<Newest<T>, void, undefined> {
  let newest: Newest<T> | undefined;
  let dropped = 0;
  const source: { state: 'open' | 'closed' | { readonly error: unknown } } = { state: 'open' };
  let wake = () => {};
  const read = async () => {
    try {
      for await (const item of stream) {
        if (source.state !== 'open') return;
        if (newest) dropped++;
        newest = { item, at: performance.now(), dropped };
        wake();
        // A stream that never waits would let nothing else run.
        await pause();
      }
      source.state = 'closed';
    } catch (error) {
      source.state = { error };
    } finally {
      wake();
    }
  };
  const onAbort = () => wake();
  signal?.addEventListener('abort', onAbort);
  throwIfRunAborted(signal);
  void read();
  try {
    for (;;) {
      throwIfRunAborted(signal);
      if (newest) {
        const next = newest;
        [newest, dropped] = [undefined, 0];
        yield next;
      } else if (source.state === 'closed') return;
      else if (source.state !== 'open') throw source.state.error;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    source.state = 'closed';
    signal?.removeEventListener('abort', onAbort);
  }
}
