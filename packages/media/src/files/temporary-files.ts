import { createHash, randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';

/** Names that this process writes to just now. */
const inUse = new Set<string>();
/** Process numbers are told apart by the machine that gave them: a folder may be shared by several. */
const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 6);
const pattern = /^\.(.+)\.([\da-f]{6})-(\d+)-[\da-f]{8}\.tmp(\.[^.]*)?$/;

/** A name beside `path` for a file that is not finished: `.talk.1f2e3d-4711-0a1b2c3d.tmp.mp4`, with its extension. */
export function temporaryName(path: string): string {
  const extension = extname(path);
  const unique = `${host}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const name = `.${basename(path, extension)}.${unique}.tmp${extension}`;
  inUse.add(name);
  return join(dirname(path), name);
}

/** To be called when a name of {@link temporaryName} is free again. */
export function forgetTemporary(temporary: string): void {
  inUse.delete(basename(temporary));
}

/**
 * Removes what processes of this machine that were killed have left half written in `folder`: files whose name an atomic
 * write gave them, and no other. A folder that is not there has none.
 *
 * @param of only what was to become the file of this name. Default: any.
 */
export async function removeLeftovers(folder: string, of?: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, stem, machine, pid, extension = ''] = pattern.exec(name) ?? [];
    if (stem === undefined || machine !== host || (of !== undefined && `${stem}${extension}` !== of))
      continue;
    const abandoned = Number(pid) === process.pid ? !inUse.has(name) : !isRunning(Number(pid));
    // What cannot be removed is in nobody's way.
    if (abandoned) await rm(join(folder, name), { force: true }).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
