import { createHash, randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';

/** Names that this process is writing to. */
const inUse = new Set<string>();
/** Identifies this machine: several may share a folder, and their process numbers mean nothing to each other. */
const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 6);
const pattern = /^\.(.+)\.([\da-f]{6})-(\d+)-[\da-f]{8}\.tmp(\.[^.]*)?$/;

/**
 * A name beside `path`, with its extension, for an unfinished file: `.talk.1f2e3d-4711-0a1b2c3d.tmp.mp4`. Give it up with
 * {@link forgetTemporary} when the file is renamed or removed; what a killed process has left, {@link removeLeftovers} removes.
 */
export function temporaryName(path: string): string {
  const extension = extname(path);
  const unique = `${host}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const name = `.${basename(path, extension)}.${unique}.tmp${extension}`;
  inUse.add(name);
  return join(dirname(path), name);
}

/** Whether a name in a folder is one that {@link temporaryName} gives, of any process and machine. */
export function isTemporaryName(name: string): boolean {
  return pattern.test(name);
}

/** Gives up a name of {@link temporaryName}. */
export function forgetTemporary(temporary: string): void {
  inUse.delete(basename(temporary));
}

/**
 * Removes the unfinished files that killed processes of this machine have left in `folder`. Only files with the names that
 * atomic writes give are touched. A missing folder is fine.
 *
 * @param of only what was to become the file of this name. Default: any.
 */
export async function removeLeftovers(folder: string, of?: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, stem, machine, pid, extension = ''] = pattern.exec(name) ?? [];
    if (stem === undefined || machine !== host || (of !== undefined && `${stem}${extension}` !== of))
      continue;
    const abandoned = Number(pid) === process.pid ? !inUse.has(name) : !isRunning(Number(pid));
    // A file that cannot be removed does no harm.
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
