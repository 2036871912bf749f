import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FaceanimError, throwIfAborted } from '@faceanim/tensor/errors';
import { accepting } from '@faceanim/tensor/options';
import { headBytes } from '../file-kind';
import { asReadError, asWriteError } from '../files/system-errors';
import { addressName, blobName, type MediaInput } from '../inputs';
import { isPath } from '../path-check';

/** A file or folder on disk, or a file in memory; `name` is what errors call it. */
export type MediaFile =
  | { readonly name: string; readonly path: string }
  | { readonly name: string; readonly blob: Blob };

const inputCheck = accepting(
  'a path, a file: URL, a File or a Blob',
  (value) => isPath(value) || value instanceof URL || value instanceof Blob,
);

/**
 * What to read: a string is a path.
 *
 * @throws FaceanimError `invalid-option`; `io` for an address
 */
export function mediaFile(source: MediaInput): MediaFile {
  inputCheck(source, 'source');
  if (source instanceof Blob) return { name: blobName(source), blob: source };
  if (source instanceof URL && source.protocol === 'file:') return fileOf(source);
  const isAddress = source instanceof URL || /^[a-z][a-z0-9+.-]+:\/\//i.test(source);
  if (!isAddress) return { name: source, path: source };
  const name = addressName(source);
  throw new FaceanimError('io', `${name} is an address, not a file.`, {
    file: name,
    hint: 'Download it, and pass the file; in code, pass await (await fetch(address)).blob(), or new URL(address) if it starts with file:.',
  });
}

function fileOf(url: URL): MediaFile {
  try {
    const path = fileURLToPath(url);
    return { name: path, path };
  } catch (error) {
    throw new FaceanimError('io', `${url} names no file on this computer.`, {
      file: url.href,
      cause: error,
      hint: 'Pass a path, or pathToFileURL(path) of node:url.',
    });
  }
}

/** All bytes of a file. */
export async function bytesOf(file: MediaFile): Promise<Buffer> {
  if ('path' in file) return readBytes(file.path);
  try {
    return Buffer.from(await file.blob.arrayBuffer());
  } catch (error) {
    throw asBlobError(error, file.name);
  }
}

function asBlobError(error: unknown, name: string): FaceanimError {
  return new FaceanimError('io', `${name} could not be read.`, {
    file: name,
    cause: error,
    hint: 'The file behind it may have been moved or changed: open it again.',
  });
}

/** The first bytes of a file, which tell its kind. */
export async function headOf(file: MediaFile): Promise<Buffer> {
  return 'path' in file ? readHead(file.path) : bytesOf({ ...file, blob: file.blob.slice(0, headBytes) });
}

/** A file at `path` until it is released. */
export interface FileOnDisk {
  readonly path: string;
  readonly name: string;
  release(): Promise<void>;
}

/** Gives a path to programs that read files only: what is in memory is written to a temporary file. */
export async function onDisk(file: MediaFile, signal: AbortSignal | undefined): Promise<FileOnDisk> {
  const { name } = file;
  if ('path' in file) return { path: file.path, name, release: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'faceanim-')).catch((error) => {
    throw asWriteError(error, tmpdir());
  });
  const path = join(folder, 'video');
  const release = () => rm(folder, { recursive: true, force: true });
  try {
    // As a stream: a video may be larger than the memory.
    await writeFile(path, chunksOf(file.blob, name), { signal });
    return { path, name, release };
  } catch (error) {
    await release();
    throwIfAborted(signal);
    throw asWriteError(error, path);
  }
}

async function* chunksOf(blob: Blob, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* blob.stream();
  } catch (error) {
    throw asBlobError(error, name);
  }
}

/** Reads a file. Pictures are decoded from memory, because libvips caches files that it opens by name. */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw asReadError(error, path);
  }
}

async function readHead(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw asReadError(error, path);
  }
}
