/**
 * Yields to timers, signals and the page during a long computation. Readback on CPU backends never waits, so otherwise
 * nothing else would run.
 */
export function pause(): Promise<void> {
  return new Promise((resolve) => {
    // A timer takes a millisecond; Node has something faster, which lets timers run as well.
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
