import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';

/** The absolute path with links resolved. What does not exist yet keeps its name. */
export async function locate(path: string): Promise<string> {
  const full = resolve(path);
  try {
    return await realpath(full);
  } catch {
    const parent = dirname(full);
    return parent === full ? full : join(await locate(parent), basename(full));
  }
}

/**
 * Whether path `a` is the same file as `b` (whatever they are called: links, hard links, upper and lower case), lies inside
 * it or around it.
 */
export async function relation(a: string, b: string): Promise<'same' | 'inside' | 'around' | undefined> {
  const [ofA, ofB] = await Promise.all([identities(a), identities(b)]);
  if (ofA[0] === ofB[0]) return 'same';
  if (ofA.includes(ofB[0]!)) return 'inside';
  return ofB.includes(ofA[0]!) ? 'around' : undefined;
}

/** The identity of a file, then of each folder around it. What does not exist yet is identified by its path. */
async function identities(path: string): Promise<string[]> {
  const all: string[] = [];
  for (let at = await locate(path); ; at = dirname(at)) {
    const stats = await stat(at, { bigint: true }).catch(() => undefined);
    all.push(stats ? `${stats.dev}:${stats.ino}` : at);
    if (dirname(at) === at) return all;
  }
}

/** Whether a path ends in a slash, and so means a folder. */
export const isFolderPath = (path: string) => path.endsWith('/') || path.endsWith(sep);

export function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
