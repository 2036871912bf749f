const bytesPerPage = 2 ** 16;
/** One page less than 4 GB, so that the size fits into 32 bits. */
const mostPages = 2 ** 16 - 1;

/** The memory of a WASM program, shared by its threads. */
export class SharedHeap {
  static readonly mostBytes = mostPages * bytesPerPage;
  readonly memory = new WebAssembly.Memory({ initial: 256, maximum: mostPages, shared: true });
  #bytes = new Uint8Array(this.memory.buffer);

  /** The memory at its present size. */
  get bytes(): Uint8Array {
    // A view does not grow with the memory.
    if (this.#bytes.buffer !== this.memory.buffer) this.#bytes = new Uint8Array(this.memory.buffer);
    return this.#bytes;
  }

  /** Grows to at least this size, and by a fifth if there is room. Returns whether it did. */
  grow(bytes: number): boolean {
    const now = this.memory.buffer.byteLength / bytesPerPage;
    const needed = Math.ceil(bytes / bytesPerPage);
    if (needed > mostPages) return false;
    const generous = Math.min(Math.max(needed, Math.ceil(1.2 * now)), mostPages);
    return [generous, needed].some((pages) => {
      try {
        this.memory.grow(pages - now);
        return true;
      } catch {
        return false;
      }
    });
  }
}
