import { FaceanimError, sha256 } from '@faceanim/tensor';
import { nodeModule } from '../node-module';
import type { CachedFile, PartialDownload, WeightCache } from './weight-cache';

/**
 * A cache of weights in a folder (Node only). Names of incomplete files end in `.part`.
 *
 * @param folder created when needed
 */
export function folderCache(folder: string): WeightCache {
  const pathOf = async (url: string) => {
    const digest = await sha256(new TextEncoder().encode(url));
    // Not decoded: a name may have a % that begins no escape.
    const name =
      new URL(url).pathname
        .split('/')
        .at(-1)
        ?.replace(/[^\w.-]/g, '_') || 'file';
    return `${folder}/${digest.slice(0, 16)}-${name}`;
  };
  return {
    find: async (url) => {
      const path = await pathOf(url);
      const stats = await (await fs()).stat(path).catch(() => undefined);
      return stats?.isFile() ? path : undefined;
    },
    hash: hashFile,
    openPartial: async (url) => openPartial(folder, await pathOf(url)),
  };
}

async function openPartial(folder: string, path: string): Promise<PartialDownload> {
  const { mkdir, open, readFile, rename, rm, writeFile } = await fs();
  const left = `${path}.part`;
  const own = `${left}-${process.pid}-${crypto.randomUUID()}`;
  try {
    await mkdir(folder, { recursive: true });
    await claim(left, own);
    const file = await open(own, 'a+');
    let { size } = await file.stat();
    // A process that was killed may have left half of it, or none.
    let validator = await readFile(`${own}.json`, 'utf8')
      .then(parseValidator)
      .catch(() => undefined);
    let finished = false;
    return {
      get size() {
        return size;
      },
      get validator() {
        return validator;
      },
      restart: (next) =>
        writing(path, async () => {
          await file.truncate(0);
          [size, validator] = [0, next];
          await writeFile(`${own}.json`, JSON.stringify({ validator }));
        }),
      append: (chunk) =>
        writing(path, async () => {
          await file.appendFile(chunk);
          size += chunk.byteLength;
        }),
      hash: () => hashFile(own),
      finish: () =>
        writing(path, async () => {
          await file.sync();
          await rename(own, path);
          finished = true;
          await rm(`${own}.json`, { force: true });
          return path;
        }),
      close: async () => {
        await file.close();
        if (finished) return;
        if (size === 0) {
          await rm(own, { force: true });
          return rm(`${own}.json`, { force: true });
        }
        await rename(`${own}.json`, `${left}.json`).catch(() => {});
        await rename(own, left);
      },
    };
  } catch (cause) {
    throw notWritten(path, cause);
  }
}

/**
 * Takes over the file of an interrupted download by renaming it: if several try, only one succeeds. Files of running
 * processes are left alone.
 */
async function claim(left: string, own: string): Promise<void> {
  const { readdir, rename } = await fs();
  const [folder, start] = [left.slice(0, left.lastIndexOf('/')), left.slice(left.lastIndexOf('/') + 1)];
  for (const name of await readdir(folder)) {
    if (!name.startsWith(start) || name.endsWith('.json')) continue;
    const owner = /-(\d+)-[\da-f-]+$/.exec(name.slice(start.length))?.[1];
    if (owner !== undefined && isRunning(Number(owner))) continue;
    const claimed = await rename(`${folder}/${name}`, own).then(
      () => true,
      () => false,
    );
    if (!claimed) continue;
    await rename(`${folder}/${name}.json`, `${own}.json`).catch(() => {});
    return;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function parseValidator(json: string): string | undefined {
  const { validator } = JSON.parse(json) as { validator?: unknown };
  return typeof validator === 'string' ? validator : undefined;
}

async function hashFile(file: CachedFile): Promise<string> {
  const { createReadStream } = await nodeModule('node:fs', needsNode);
  const { createHash } = await nodeModule('node:crypto', needsNode);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file as string)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    throw notWritten(path, cause);
  }
}

function notWritten(path: string, cause: unknown): FaceanimError {
  return new FaceanimError('io', `${path} cannot be written: ${(cause as Error).message}.`, {
    file: path,
    cause,
    hint: 'Give the cache a writable folder on a disk with enough space.',
  });
}

const needsNode = { message: 'folderCache needs Node.', hint: 'In a browser, use browserCache().' };

const fs = () => nodeModule('node:fs/promises', needsNode);
