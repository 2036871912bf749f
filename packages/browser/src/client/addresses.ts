/** An address for a worker, to which others are relative than to the page. Anything else stays as it is. */
function absolute<T>(value: T | string | URL): T | string {
  if (typeof value !== 'string' && !(value instanceof URL)) return value;
  return new URL(value, globalThis.document?.baseURI).href;
}

/** The members of an object, with some of them as addresses for a worker. */
export function withAddresses<T extends object>(given: T, ...names: readonly (keyof T)[]): T {
  const result = { ...given };
  for (const name of names) if (result[name] !== undefined) result[name] = absolute(result[name]) as never;
  return result;
}
