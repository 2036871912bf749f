import type { ByteSource } from './byte-source';
import { truncated } from './errors';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads a {@link ByteSource} forwards through a small window. */
export class ByteReader {
  #window: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  /** Byte of the source at which the window begins. */
  #start: number;

  /**
   * @param chunk Bytes fetched at a time.
   */
  constructor(
    readonly source: ByteSource,
    position = 0,
    private readonly chunk = 65536,
    private readonly signal?: AbortSignal,
  ) {
    this.#start = position;
  }

  /** The next byte to be read. */
  get position(): number {
    return this.#start + this.#at;
  }

  /** Bytes that can be read without waiting. */
  get available(): number {
    return this.#window.byteLength - this.#at;
  }

  /** Fetches until `length` bytes are available; throws where the file ends before. */
  async need(length: number): Promise<void> {
    const { source, position } = this;
    if (position + length > source.size) throw truncated(source, position, length);
    if (this.available < length) await this.#fetch(length);
  }

  /** Fetches until `length` bytes are available, or as many as are left. */
  async want(length: number): Promise<void> {
    const target = Math.min(length, this.source.size - this.position);
    if (this.available < target) await this.#fetch(target);
  }

  /** Goes on `length` bytes further without reading them; throws where the file ends before. */
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

  u8(): number {
    return this.#window.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#window.getUint16(this.#advance(2), true);
  }

  i32(): number {
    return this.#window.getInt32(this.#advance(4), true);
  }

  u32(): number {
    return this.#window.getUint32(this.#advance(4), true);
  }

  /** An unsigned 64-bit number, inexact above 2^53. */
  u64(): number {
    return Number(this.#window.getBigUint64(this.#advance(8), true));
  }

  /** A big-endian double, as pickles have them. */
  f64BigEndian(): number {
    return this.#window.getFloat64(this.#advance(8), false);
  }

  /** A copy of the next bytes, which must be available. */
  bytes(length: number): Uint8Array {
    const at = this.#advance(length);
    return new Uint8Array(this.#window.buffer.slice(at, at + length) as ArrayBuffer);
  }

  /** The next bytes as text in UTF-8; they must be available. */
  text(length: number): string {
    return utf8.decode(new Uint8Array(this.#window.buffer, this.#advance(length), length));
  }

  /** The next bytes as text, one character a byte; they must be available. */
  latin1(length: number): string {
    const bytes = new Uint8Array(this.#window.buffer, this.#advance(length), length);
    let text = '';
    for (let i = 0; i < length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
    return text;
  }

  /** Bytes before the next `byte`, or -1 where it is not among the next `limit`. */
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
    // A part of a larger buffer would make every offset above wrong.
    this.#window = new DataView(
      bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer,
    );
    this.#start = position;
    this.#at = 0;
  }
}
