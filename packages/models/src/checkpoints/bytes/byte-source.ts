import { FaceanimError, invalidOption, throwIfAborted } from '@faceanim/tensor';
import { nodeModule } from '../../node-module';
import { truncated } from '../errors';

/** A checkpoint to open: a path (Node only), a Blob or File, or bytes in memory. */
export type CheckpointSource = string | Blob | Uint8Array | ArrayBuffer;

/** Random access to a file without loading it as a whole. */
export interface ByteSource {
  /** Path or name of the file, for messages. */
  readonly file: string;
  /** Size of the file in bytes. */
  readonly size: number;
  /**
   * Returns the bytes `offset .. offset + length` in a new array.
   *
   * @throws FaceanimError `checkpoint-corrupt`, before anything is allocated, if the file ends before
   */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Opens a source for random access. */
export async function openByteSource(source: CheckpointSource): Promise<ByteSource> {
  if (typeof source === 'string') return openFile(source);
  if (source instanceof Blob) {
    const file = source instanceof File ? source.name : 'Blob';
    return checked(file, source.size, async (offset, length) => {
      return new Uint8Array(await source.slice(offset, offset + length).arrayBuffer());
    });
  }
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    const bytes = new Uint8Array(source instanceof ArrayBuffer ? source : source.buffer);
    const start = source instanceof ArrayBuffer ? 0 : source.byteOffset;
    return checked('bytes', source.byteLength, async (offset, length) => {
      return bytes.slice(start + offset, start + offset + length);
    });
  }
  throw invalidOption('source', source, 'a path, a Blob, a Uint8Array or an ArrayBuffer');
}

async function openFile(path: string): Promise<ByteSource> {
  const { open, stat } = await nodeModule('node:fs/promises', {
    message: `${path} cannot be opened: there is no file system here.`,
    file: path,
    hint: 'Pass a Blob: the File of an <input type="file">, await (await fetch(address)).blob(), or what cachedFetch returns.',
  });
  try {
    // Checked before opening, which would block on a pipe.
    if (!(await stat(path)).isFile()) {
      throw new FaceanimError('io', `${path} is not a file.`, {
        file: path,
        hint: 'Pass the path of a checkpoint.',
      });
    }
    const handle = await open(path, 'r');
    const { size } = await handle.stat();
    const read = async (offset: number, length: number) => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await handle.read(bytes, 0, length, offset);
      return bytes.subarray(0, bytesRead);
    };
    return checked(path, size, read, () => handle.close());
  } catch (cause) {
    throw ioError(path, cause);
  }
}

function checked(
  file: string,
  size: number,
  readSome: (offset: number, length: number) => Promise<Uint8Array>,
  close = async () => {},
): ByteSource {
  const source: ByteSource = {
    file,
    size,
    close,
    async read(offset, length, signal) {
      throwIfAborted(signal);
      if (offset + length > size) throw truncated(source, offset, length);
      const parts: Uint8Array[] = [];
      for (let have = 0; have < length; ) {
        const part = await readSome(offset + have, length - have).catch((cause) => {
          throw ioError(file, cause);
        });
        if (part.byteLength === 0) throw truncated(source, offset + have, length - have);
        parts.push(part);
        have += part.byteLength;
      }
      return parts.length === 1 ? parts[0]! : joined(parts, length);
    },
  };
  return source;
}

function joined(parts: Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

const reasons: Record<string, string> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read',
  EISDIR: 'is a folder',
};

function ioError(file: string, cause: unknown): FaceanimError {
  if (FaceanimError.isInstance(cause)) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  return new FaceanimError('io', `${file} ${reasons[code ?? ''] ?? `cannot be read: ${message}`}.`, {
    file,
    cause,
    hint: 'Check the path and its permissions.',
  });
}
