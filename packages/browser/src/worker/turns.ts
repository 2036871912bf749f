import { throwIfAborted } from '@faceanim/tensor/errors';

/** Runs one piece of work after the other. One that is aborted while it waits ends at once. */
export function turns() {
  let last: Promise<unknown> = Promise.resolve();
  return (signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> => {
    const before = last;
    const mine = unlessAborted(before, signal).then(work);
    last = Promise.allSettled([before, mine]);
    return mine;
  };
}

function unlessAborted(wait: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = () => {
      try {
        throwIfAborted(signal);
      } catch (error) {
        reject(error);
      }
    };
    check();
    signal?.addEventListener('abort', check, { once: true });
    void wait.then(() => {
      signal?.removeEventListener('abort', check);
      resolve();
    });
  });
}
