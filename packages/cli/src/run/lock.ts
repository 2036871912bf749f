import { mkdir, open, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { asReadError, asWriteError } from '@faceanim/media/files';
import { FaceanimError } from '@faceanim/tensor';
import { lockName } from './names';
import { fileOf, newOwner, type Owner, ownerOf, stateOf } from './owner';

/** The right to write to a run folder, which one run has at a time. */
export interface RunLock extends AsyncDisposable {
  /** Whose lock was taken over, if it was one of another machine. */
  readonly takenFrom?: string | undefined;
  /** @throws {FaceanimError} `io` if the folder is gone; `in-use` if another run has taken over. */
  check(): Promise<void>;
}

/** One step may block the process for half a minute, during which there is no heartbeat. */
const silence = { usual: 30_000, longest: 5 * 60_000 };

/**
 * Locks a run folder, which must exist. The lock is a folder with one file, whose name is the owner and whose time is that of
 * the last heartbeat. It is prepared and then renamed, so that it never has another owner than one that works; whoever takes
 * it over renames the file, which only one can.
 *
 * The lock of a run that was killed is taken over: at once on the same machine; on another one, whose processes cannot be
 * seen, after five minutes without a heartbeat. Times are those of the disk that all write to, as machines may disagree.
 *
 * @throws {FaceanimError} `in-use` naming the folder, while another run has it.
 */
export async function lockRunFolder(folder: string): Promise<RunLock> {
  const path = join(folder, lockName);
  const owner = newOwner();
  const prepared = `${path}.${owner.id}`;
  try {
    await mkdir(prepared);
    await writeFile(join(prepared, fileOf(owner)), '.');
    const { mtimeMs: now } = await stat(join(prepared, fileOf(owner)));
    await removePrepared(folder, now);
    for (let attempt = 1; ; attempt++) {
      if (await moved(prepared, path)) return heldLock(folder, path, owner);
      const other = await find(path);
      if (!other) {
        // It is free, but there: it was given up a moment ago, or something else lies in it.
        await rmdir(path).catch(() => setTimeout(20));
        if (attempt > 20) throw held(folder, path);
      } else if (!isAbandoned(other, now)) throw held(folder, path, other.owner);
      else if (await takenOver(path, other.owner, owner)) {
        const silent = Math.round((now - other.beat) / 1000);
        const known = stateOf(other.owner) !== 'unknown';
        return heldLock(
          folder,
          path,
          owner,
          known ? undefined : `${nameOf(other.owner)}, silent for ${silent} s`,
        );
      }
    }
  } catch (error) {
    throw asWriteError(error, folder);
  } finally {
    await rm(prepared, { recursive: true, force: true }).catch(() => {});
  }
}

function heldLock(folder: string, path: string, owner: Owner, takenFrom?: string): RunLock {
  const file = join(path, fileOf(owner));
  const timer = setInterval(() => void beat(file).catch(() => {}), silence.usual);
  // It keeps no finished program alive.
  timer.unref();
  return {
    takenFrom,
    check: async () => {
      await stat(file).catch(async (error) => {
        // The lock may well be ours where the disk fails.
        if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw asReadError(error, file);
        throw lost(folder, (await find(path))?.owner);
      });
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await rm(file, { force: true }).catch(() => {});
      // Without its file the lock is free: if another run has it by now, the folder is not empty and stays.
      await rmdir(path).catch(() => {});
    },
  };
}

/** A lock as it lies on the disk. */
interface FoundLock {
  readonly owner: Owner;
  /** Time of the last heartbeat in milliseconds. */
  readonly beat: number;
}

/** The lock at a path; undefined if it is free. */
async function find(path: string): Promise<FoundLock | undefined> {
  for (const name of await readdir(path).catch(() => [])) {
    const owner = ownerOf(name);
    const stats = owner && (await stat(join(path, name)).catch(() => undefined));
    if (owner && stats) return { owner, beat: stats.mtimeMs };
  }
  return undefined;
}

/** Writes over the one byte, for which a full disk has room. */
async function beat(file: string): Promise<void> {
  await using handle = await open(file, 'r+');
  await handle.write('.', 0);
}

function isAbandoned({ owner, beat: last }: FoundLock, now: number): boolean {
  const state = stateOf(owner);
  return state === 'gone' || (state === 'unknown' && now - last > silence.longest);
}

/** Gives a prepared lock its name; false if another one has it. */
async function moved(prepared: string, path: string): Promise<boolean> {
  try {
    await rename(prepared, path);
    return true;
  } catch (error) {
    // EPERM on Windows.
    if (['ENOTEMPTY', 'EEXIST', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Makes an abandoned lock ours; false if another run was faster. */
async function takenOver(path: string, from: Owner, to: Owner): Promise<boolean> {
  try {
    await beat(join(path, fileOf(from)));
    await rename(join(path, fileOf(from)), join(path, fileOf(to)));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Removes locks that were being prepared when their processes were killed. */
async function removePrepared(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${lockName}.`)) continue;
    const found = await find(join(folder, name));
    if (found && isAbandoned(found, now))
      await rm(join(folder, name), { recursive: true, force: true }).catch(() => {});
  }
}

const nameOf = ({ pid, host }: Owner) => `process ${pid} on ${host}`;

function held(folder: string, path: string, owner?: Owner): FaceanimError {
  const by = owner ? `, ${nameOf(owner)}` : '';
  return new FaceanimError('in-use', `Another run is writing to ${folder}${by}.`, {
    file: folder,
    hint: `Wait for it to end, or pass another folder as --run. If there is no such run, remove ${path}.`,
  });
}

function lost(folder: string, now: Owner | undefined): FaceanimError {
  return now
    ? new FaceanimError('in-use', `Another run has taken over ${folder}: ${nameOf(now)}.`, {
        file: folder,
        hint: 'This one stood still for minutes. Let the other run end. Finished frames are kept.',
      })
    : new FaceanimError('io', `${folder} is gone, or its ${lockName} was removed.`, {
        file: folder,
        hint: 'Is its disk still there? Resume when it is back: finished frames are kept.',
      });
}
