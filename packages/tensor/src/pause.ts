/**
 * Lets timers, signals and the page have their turn in a long computation: tensors of a CPU backend are read without
 * waiting, so that nothing else would run.
 */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
