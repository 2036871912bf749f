/** Unrolled code for i = 0 … count - 1. */
export function each(count: number, code: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => `${code(i)}\n`).join('');
}
