/**
 * Yields to timers, signals and the page during a long computation. Readback on CPU backends never waits, so otherwise
 * nothing else would run.
 */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
