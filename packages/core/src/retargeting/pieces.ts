import { pause, throwIfAborted } from '@faceanim/tensor';

/** Long work that yields wherever something else may run. */
export type Pieces<T> = Generator<void, T, void>;

/** Does the work without a pause. */
export function atOnce<T>(work: Pieces<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/**
 * Does the work with pauses, so that it does not block timers, signals and the page.
 *
 * @throws FaceanimError `aborted`.
 */
export async function withPauses<T>(work: Pieces<T>, signal: AbortSignal | undefined): Promise<T> {
  let resumed = performance.now();
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    if (performance.now() - resumed < 30) continue;
    await pause();
    throwIfAborted(signal);
    resumed = performance.now();
  }
}
