import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';

/** Where a path leads through links; what does not exist yet keeps its name. */
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
 * How a path lies to another: the same file, whatever the two are called (links, hard links, upper and lower case), in the
 * other as its folder, or around the other.
 */
export async function relation(a: string, b: string): Promise<'same' | 'inside' | 'around' | undefined> {
  const [ofA, ofB] = await Promise.all([identities(a), identities(b)]);
  if (ofA[0] === ofB[0]) return 'same';
  if (ofA.includes(ofB[0]!)) return 'inside';
  return ofB.includes(ofA[0]!) ? 'around' : undefined;
}

/** What tells a file from all others, then the same of each folder around it; by name where there is nothing yet. */
async function identities(path: string): Promise<string[]> {
  const all: string[] = [];
  for (let at = await locate(path); ; at = dirname(at)) {
    const stats = await stat(at, { bigint: true }).catch(() => undefined);
    all.push(stats ? `${stats.dev}:${stats.ino}` : at);
    if (dirname(at) === at) return all;
  }
}

/** Whether a path is meant as a folder: it ends in a slash. */
export const isFolderPath = (path: string) => path.endsWith('/') || path.endsWith(sep);
