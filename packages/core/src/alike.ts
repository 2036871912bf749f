/** What a loss term or an optimizer computes is decided by its key and its settings, if it has a key. */
interface Keyed {
  readonly key?: readonly unknown[];
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Gives a term or an optimizer its `key`, which copies do not inherit: they may compute something else. */
export function withKey<T extends object>(key: readonly unknown[], made: T): T {
  return Object.defineProperty(made, 'key', { value: key });
}

/** Whether two terms or optimizers are known to compute the same, apart from the weight of a term. */
export function alike(a: Keyed, b: Keyed): boolean {
  if (a === b) return true;
  if (!a.key || a.key.length !== b.key?.length) return false;
  return a.key.every((element, i) => element === b.key![i]) && equal(a.settings, b.settings);
}

/** Compares lists and plain objects by their entries in order, anything else by identity. */
function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!hasEntries(a) || !hasEntries(b)) return false;
  const [entries, others] = [Object.entries(a), Object.entries(b)];
  return (
    entries.length === others.length &&
    entries.every(([name, value], i) => name === others[i]![0] && equal(value, others[i]![1]))
  );
}

/** A map or a network may have none that tell what it holds. */
function hasEntries(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
}
