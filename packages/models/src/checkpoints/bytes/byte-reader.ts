import { truncated } from '../errors';
import type { ByteSource } from './byte-source';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads a {@link ByteSource} sequentially through a small window. */
export class ByteReader {
  #window: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  /** Offset of the window in the source. */
  #start: number;

  /** @param chunk bytes fetched at a time */
  constructor(
    readonly source: ByteSource,
    position = 0,
    private readonly chunk = 65536,
    private readonly signal?: AbortSignal,
  ) {
    this.#start = position;
  }

  /** Offset of the next byte to read. */
  get position(): number {
    return this.#start + this.#at;
  }

  /** Number of bytes that have been fetched and not read. */
  get available(): number {
    return this.#window.byteLength - this.#at;
  }

  /** Fetches until `length` bytes are available; throws if the file ends before. */
  async need(length: number): Promise<void> {
    const { source, position } = this;
    if (position + length > source.size) throw truncated(source, position, length);
    if (this.available < length) await this.#fetch(length);
  }

  /** Fetches until `length` bytes, or all that are left, are available. */
  async want(length: number): Promise<void> {
    const target = Math.min(length, this.source.size - this.position);
    if (this.available < target) await this.#fetch(target);
  }

  /** Skips `length` bytes without fetching them; throws if the file ends before. */
  skip(length: number): void {
    const { source, position } = this;
    if (position + length > source.size) throw truncated(source, position, length);
    if (length <= this.available) {
      this.#at += length;
    } else {
      this.#start = position + length;
      this.#at = 0;
      this.#window = new DataView(new ArrayBuffer(0));
    }
  }

  /** An unsigned byte. As all below, it must be available. */
  u8(): number {
    return this.#window.getUint8(this.#advance(1));
  }

  /** An unsigned 16-bit number; numbers are little-endian unless stated otherwise. */
  u16(): number {
    return this.#window.getUint16(this.#advance(2), true);
  }

  i32(): number {
    return this.#window.getInt32(this.#advance(4), true);
  }

  u32(): number {
    return this.#window.getUint32(this.#advance(4), true);
  }

  /** An unsigned 64-bit number, rounded above 2^53. */
  u64(): number {
    return Number(this.#window.getBigUint64(this.#advance(8), true));
  }

  /** A big-endian double, as in pickles. */
  f64BigEndian(): number {
    return this.#window.getFloat64(this.#advance(8), false);
  }

  /** A copy of the next bytes. */
  bytes(length: number): Uint8Array {
    const at = this.#advance(length);
    return new Uint8Array(this.#window.buffer.slice(at, at + length) as ArrayBuffer);
  }

  /** The next bytes as UTF-8 text. */
  text(length: number): string {
    return utf8.decode(new Uint8Array(this.#window.buffer, this.#advance(length), length));
  }

  /** The next bytes as text, one character per byte. */
  latin1(length: number): string {
    const bytes = new Uint8Array(this.#window.buffer, this.#advance(length), length);
    let text = '';
    for (let i = 0; i < length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
    return text;
  }

  /** Number of bytes before the next `byte`, or -1 if it is not among the next `limit`. */
  async find(byte: number, limit: number): Promise<number> {
    for (let searched = 0; ; ) {
      const ahead = new Uint8Array(this.#window.buffer, this.#at);
      const found = ahead.indexOf(byte, searched);
      if (found >= 0) return found < limit ? found : -1;
      searched = ahead.length;
      if (searched >= limit || this.position + searched >= this.source.size) return -1;
      await this.want(Math.max(this.chunk, 2 * searched));
    }
  }

  #advance(length: number): number {
    if (length > this.available) throw truncated(this.source, this.position, length);
    const at = this.#at;
    this.#at += length;
    return at;
  }

  async #fetch(length: number): Promise<void> {
    const { source, position } = this;
    const bytes = await source.read(
      position,
      Math.min(Math.max(length, this.chunk), source.size - position),
      this.signal,
    );
    // The offsets above are relative to the buffer, so the bytes must fill it.
    this.#window = new DataView(
      bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer,
    );
    this.#start = position;
    this.#at = 0;
  }
}
