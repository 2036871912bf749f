import { FaceanimError, throwIfAborted } from '@faceanim/tensor';
import { messageOf } from '@faceanim/tensor/errors';
import type { FileEntry } from '@zip.js/zip.js';
import { corrupt } from '../errors';
import type { ByteSource } from './byte-source';

/** An entry of a zip archive, as its central directory lists it. */
export interface ArchiveEntry {
  readonly name: string;
  /** Offset of its local header in the file. */
  readonly headerOffset: number;
  /** Bytes of its unpacked data. */
  readonly length: number;
  /** Whether its data are neither compressed nor encrypted. */
  readonly stored: boolean;
  /** Unpacks its data in memory; never more than `length` bytes. */
  inflate(): Promise<Uint8Array>;
}

const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER_SIGNATURE = 0x04034b50;

/** Reads the central directory of a zip archive (zip64 too); returns its entries by name and reads none. */
export async function openArchive(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<Map<string, ArchiveEntry>> {
  const { Reader, ZipReader } = await import('@zip.js/zip.js');
  class SourceReader extends Reader<ByteSource> {
    override size = source.size;
    override readUint8Array(offset: number, length: number) {
      return source.read(offset, length, signal) as Promise<Uint8Array<ArrayBuffer>>;
    }
  }
  const archive = new Map<string, ArchiveEntry>();
  try {
    for await (const entry of new ZipReader(new SourceReader(source)).getEntriesGenerator()) {
      if (entry.directory) continue;
      const { filename: name, offset, uncompressedSize: length, compressedSize } = entry;
      if (archive.has(name)) throw corrupt(source, `the archive has two entries ${JSON.stringify(name)}.`);
      const stored = entry.compressionMethod === 0 && !entry.encrypted && length === compressedSize;
      const inflate = () => inflateEntry(source, entry, signal);
      archive.set(name, { name, headerOffset: offset, length, stored, inflate });
    }
  } catch (cause) {
    if (FaceanimError.isInstance(cause)) throw cause;
    const why = messageOf(cause);
    throw corrupt(source, `the zip archive is truncated or damaged (${why}).`, { cause });
  }
  return archive;
}

/**
 * Finds the data of an entry in the file.
 *
 * @throws FaceanimError `checkpoint-corrupt` for compressed entries, which torch never writes, and for data that reach
 * beyond the file
 */
export async function locateData(
  source: ByteSource,
  { name, headerOffset, length, stored }: ArchiveEntry,
  signal?: AbortSignal,
): Promise<{ offset: number; length: number }> {
  if (!stored) {
    throw corrupt(source, `the archive’s entry ${JSON.stringify(name)} is compressed.`, {
      offset: headerOffset,
      hint: 'PyTorch writes uncompressed archives: load the file there and save it again.',
    });
  }
  const header = new DataView((await source.read(headerOffset, LOCAL_HEADER_BYTES, signal)).buffer);
  if (header.getUint32(0, true) !== LOCAL_HEADER_SIGNATURE) {
    throw corrupt(source, `the archive’s entry ${JSON.stringify(name)} has no header.`, {
      offset: headerOffset,
    });
  }
  const offset = headerOffset + LOCAL_HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  if (offset + length > source.size) {
    throw corrupt(source, `the archive’s entry ${JSON.stringify(name)} reaches beyond the file.`, { offset });
  }
  return { offset, length };
}

async function inflateEntry(
  source: ByteSource,
  entry: FileEntry,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const sink = new WritableStream<Uint8Array>({
    write(part) {
      bytes += part.byteLength;
      if (bytes > entry.uncompressedSize) throw new Error('it holds more than it claims');
      parts.push(part.slice());
    },
  });
  try {
    await entry.getData(sink, { checkSignature: true, useWebWorkers: false, signal });
  } catch (cause) {
    throwIfAborted(signal);
    const why = messageOf(cause);
    throw corrupt(source, `the archive’s entry ${JSON.stringify(entry.filename)} is damaged (${why}).`, {
      offset: entry.offset,
      cause,
    });
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
