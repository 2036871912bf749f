/** Whether a value is a tensor of TensorFlow.js, of any of its copies. */
export function isTensor(value: unknown): value is { readonly shape: readonly number[] } {
  const { shape, dataSync } = (value ?? {}) as { shape?: unknown; dataSync?: unknown };
  return Array.isArray(shape) && typeof dataSync === 'function';
}
