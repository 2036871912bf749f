import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Files in a folder and all below it, as paths with `/` relative to it. Not those whose name begins with a dot: locks, unfinished files. */
export async function filesBelow(folder: string, path = ''): Promise<string[]> {
  // A folder may vanish meanwhile, such as that of parts that are joined.
  const entries = await readdir(join(folder, path), { withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOENT' && path !== '') return [];
    throw error;
  });
  const found: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const name = path ? `${path}/${entry.name}` : entry.name;
    if (entry.isDirectory()) found.push(...(await filesBelow(folder, name)));
    else found.push(name);
  }
  return found.sort();
}

/**
 * Does something with each item, with up to 16 at a time. After a failure it begins no more, and rejects with it when those that
 * were begun have ended: nothing goes on behind the back of the caller.
 */
export async function each<T>(items: Iterable<T>, work: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items[Symbol.iterator]();
  let failure: { readonly error: unknown } | undefined;
  const next = async (): Promise<void> => {
    for (let { value, done } = rest.next(); !(done || failure); { value, done } = rest.next())
      await work(value).catch((error) => (failure ??= { error }));
  };
  await Promise.all(Array.from({ length: 16 }, next));
  if (failure) throw failure.error;
}
