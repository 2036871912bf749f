import { invalidOption } from '@faceanim/tensor/errors';

/** An address for a worker, to which others are relative than to the page. Anything else stays as it is. */
function absolute<T>(value: T | string | URL, name: string): T | string {
  if (typeof value !== 'string' && !(value instanceof URL)) return value;
  const base = globalThis.document?.baseURI;
  if (!URL.canParse(value, base)) throw invalidOption(name, value, 'a file or an address');
  return new URL(value, base).href;
}

/**
 * The members of an object, with some of them as addresses for a worker.
 *
 * @throws FaceanimError `invalid-option` for what is no address
 */
export function withAddresses<T extends object>(given: T, ...names: readonly (keyof T)[]): T {
  const result = { ...given };
  for (const name of names)
    if (result[name] !== undefined) result[name] = absolute(result[name], String(name)) as never;
  return result;
}
