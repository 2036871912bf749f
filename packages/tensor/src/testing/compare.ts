/** Throws unless `max|got - expected| / max|expected|` is within the tolerance; if all are 0, the difference itself. */
export function compare(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expectEqual(got.length, expected.length, `the length of the ${what}`);
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(got[i]! - expected[i]!);
    // Math.max below propagates NaN, but then the comparison would not say where it is.
    if (Number.isNaN(error)) throw new Error(`${what}: element ${i} is ${got[i]}, expected ${expected[i]}`);
    difference = Math.max(difference, error);
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  const relative = difference / (scale || 1);
  if (relative <= tolerance) return;
  throw new Error(
    `${what}: relative difference ${relative.toExponential(1)}, allowed ${tolerance.toExponential(1)}`,
  );
}

/** Throws unless `got === expected`. */
export function expectEqual<T>(got: T, expected: T, what: string): void {
  if (got !== expected) throw new Error(`${what}: ${String(got)}, expected ${String(expected)}`);
}

/** Throws unless `holds`; `what` completes the sentence "expected that …". */
export function expectTrue(holds: boolean, what: string): void {
  if (!holds) throw new Error(`expected that ${what}`);
}
