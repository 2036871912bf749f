import { readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { asWriteError } from '@faceanim/media/files';
import { FaceanimError } from '@faceanim/tensor';
import { lock } from 'proper-lockfile';

/** The right to write into a run folder, which one run at a time has. */
export interface RunLock extends AsyncDisposable {
  /** @throws {FaceanimError} `io` when another run has taken the folder over, since this one stood still for so long. */
  check(): void;
}

/** Names of the lock and of the note who has it, in the run folder. */
export const lockNames = ['.lock', '.lock.json'] as const;
/** A step may hold up everything for half a minute, and nobody renews the lock meanwhile. */
const staleAfter = 5 * 60_000;

interface Owner {
  readonly host: string;
  readonly pid: number;
  /** When the process began: process numbers come back, in containers always the same one. */
  readonly began: number;
}

const self: Owner = { host: hostname(), pid: process.pid, began: Math.round(performance.timeOrigin) };

/**
 * Takes the lock of a run folder, which must exist. That of a run which was killed is taken over: at once on the same
 * machine, else when nobody has renewed it for five minutes.
 *
 * @throws {FaceanimError} `io` naming the folder, when another run has it.
 */
export async function lockRunFolder(folder: string): Promise<RunLock> {
  const [path, note] = lockNames.map((name) => join(folder, name)) as [string, string];
  const owner = await readOwner(note);
  if (owner && isDead(owner)) await rmdir(path).catch(() => {});
  let lost = false;
  const release = await lock(folder, {
    lockfilePath: path,
    stale: staleAfter,
    update: staleAfter / 10,
    onCompromised: () => (lost = true),
  }).catch((error) => {
    throw (error as { code?: string }).code === 'ELOCKED'
      ? held(folder, path, owner)
      : asWriteError(error, folder);
  });
  await writeFile(note, JSON.stringify(self)).catch(() => {});
  return {
    check: () => {
      if (lost) throw taken(folder);
    },
    [Symbol.asyncDispose]: async () => {
      if (lost) return;
      await rm(note, { force: true });
      await release().catch(() => {});
    },
  };
}

async function readOwner(note: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(note, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

/** Whether a run has ended without giving the lock back. Of other machines nobody knows. */
function isDead({ host, pid, began }: Owner): boolean {
  if (host !== self.host) return false;
  if (pid === self.pid) return began !== self.began;
  try {
    return !process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function held(folder: string, path: string, owner: Owner | undefined): FaceanimError {
  const by = owner ? `, process ${owner.pid} on ${owner.host}` : '';
  return new FaceanimError('io', `Another run is writing to ${folder}${by}.`, {
    file: folder,
    hint: `Wait until it has ended or pass another folder as --run; if there is no such run any more, remove ${path}.`,
  });
}

function taken(folder: string): FaceanimError {
  return new FaceanimError(
    'io',
    `Another run has taken over ${folder}, as this one stood still for minutes.`,
    {
      file: folder,
      hint: 'Let the other one end; frames that were finished are kept.',
    },
  );
}
