import {
  bufferUsage,
  type TfjsBuffers,
  type TfjsPool,
  type WebgpuBuffer,
  type WebgpuTfBackend,
} from './tfjs';

/** The buffers that the dispatches of one recording use, beside the scratch buffers that all recordings share. */
export interface TapeBuffers {
  /** Uniforms, and tensors uploaded and disposed while recording. They are the recording's own. */
  readonly constants: Set<WebgpuBuffer>;
  /** Buffers of tensors that others own, e.g. weights. */
  readonly borrowed: Set<WebgpuBuffer>;
  /** Whether one of its buffers was given to somebody else, so that it cannot be replayed any more. */
  stale: boolean;
}

/** What goes on while a step is recorded. */
interface Recording extends TapeBuffers {
  /** Scratch buffers of tensors that were not disposed yet. */
  readonly live: Set<WebgpuBuffer>;
  /** The same of uploaded tensors, e.g. of weights that are used for the first time. */
  readonly uploads: Set<WebgpuBuffer>;
}

/**
 * The buffer manager of tfjs, with buffers of their own for recordings.
 *
 * A replay writes the same buffers again, so that nobody else may have them. Intermediate results are in scratch
 * buffers, shared by all recordings, since no replay reads what another one left there. They last as long as there is a
 * recording.
 */
export class RecordingBuffers implements TfjsBuffers {
  readonly #device: WebgpuTfBackend['device'];
  readonly #eager: TfjsPool;
  readonly #scratch = new Set<WebgpuBuffer>();
  readonly #free = new Map<string, WebgpuBuffer[]>();
  /** Made while recording, for tensors that outlive it. */
  readonly #kept = new Set<WebgpuBuffer>();
  readonly #tapes = new Set<TapeBuffers>();
  #recording: Recording | undefined;
  #bytes = 0;

  constructor({ device, bufferManager }: WebgpuTfBackend) {
    this.#device = device;
    this.#eager = bufferManager as TfjsPool;
  }

  /** Bytes of the buffers that tensors and recordings hold. */
  get numBytesUsed(): number {
    return this.#eager.numBytesUsed + this.#bytes;
  }

  /** Bytes of all buffers. */
  get numBytesAllocated(): number {
    return this.#eager.numBytesAllocated + this.#bytes;
  }

  /** Starts a recording: from now on, buffers are acquired for it. */
  begin(): TapeBuffers {
    trim(this.#eager);
    this.#recording = {
      constants: new Set(),
      borrowed: new Set(),
      live: new Set(),
      uploads: new Set(),
      stale: false,
    };
    return this.#recording;
  }

  /**
   * Ends the recording, which is stale if the step kept tensors or disposed others than its own: what it does depends on
   * what it did before. Every tape must be given back by `drop`.
   */
  end(): void {
    const tape = this.#recording!;
    this.#recording = undefined;
    this.#tapes.add(tape);
    for (const buffer of tape.uploads) this.#kept.add(buffer);
    if (tape.live.size === 0) return;
    // The kept tensors take their buffers along; which other recordings use these is not known.
    for (const buffer of tape.live) {
      this.#scratch.delete(buffer);
      this.#kept.add(buffer);
    }
    for (const other of this.#tapes) other.stale = true;
  }

  /** Notes a buffer that a recorded command uses. */
  use(buffer: WebgpuBuffer): void {
    const tape = this.#recording!;
    if (!this.#scratch.has(buffer) && !tape.constants.has(buffer)) tape.borrowed.add(buffer);
  }

  /** Frees what a recording holds. */
  drop(tape: TapeBuffers): void {
    this.#tapes.delete(tape);
    for (const buffer of tape.constants) this.#destroy(buffer);
    tape.constants.clear();
    if (this.#tapes.size > 0) return;
    for (const buffer of this.#scratch) this.#destroy(buffer);
    this.#scratch.clear();
    this.#free.clear();
  }

  acquireBuffer(size: number, usage: number, mapped = false, reuse = true): WebgpuBuffer {
    const recording = this.#recording;
    // Results, uniforms and uploads; not what values are read through.
    if (!recording || !(usage & (bufferUsage.storage | bufferUsage.uniform)))
      return this.#eager.acquireBuffer(size, usage, mapped, reuse);
    if (usage & bufferUsage.uniform) {
      const buffer = this.#create(size, usage);
      recording.constants.add(buffer);
      return buffer;
    }
    if (mapped) {
      const buffer = this.#create(size, usage, true);
      recording.uploads.add(buffer);
      return buffer;
    }
    const buffer = this.#free.get(keyOf(size, usage))?.pop() ?? this.#create(size, usage);
    this.#scratch.add(buffer);
    recording.live.add(buffer);
    return buffer;
  }

  releaseBuffer(buffer: WebgpuBuffer, reuse = true): void {
    const recording = this.#recording;
    if (recording?.constants.has(buffer)) return;
    if (this.#scratch.has(buffer)) {
      const key = keyOf(buffer.size, buffer.usage);
      const free = this.#free.get(key);
      if (free) free.push(buffer);
      else this.#free.set(key, [buffer]);
      recording?.live.delete(buffer);
      return;
    }
    if (recording?.uploads.delete(buffer)) {
      recording.constants.add(buffer);
      return;
    }
    // A tensor of somebody else is gone, and its buffer will be used for another one.
    if (recording) recording.stale = true;
    for (const tape of this.#tapes) if (tape.borrowed.has(buffer)) tape.stale = true;
    if (this.#kept.delete(buffer)) this.#destroy(buffer);
    else this.#eager.releaseBuffer(buffer, reuse);
  }

  dispose(): void {
    for (const tape of this.#tapes) this.drop(tape);
    for (const buffer of this.#kept) this.#destroy(buffer);
    this.#kept.clear();
    this.#eager.dispose();
  }

  #create(size: number, usage: number, mappedAtCreation = false): WebgpuBuffer {
    const buffer = this.#device.createBuffer({ size, usage, mappedAtCreation }) as WebgpuBuffer;
    this.#bytes += size;
    return buffer;
  }

  #destroy(buffer: WebgpuBuffer): void {
    this.#bytes -= buffer.size;
    buffer.destroy();
  }
}

/** Gives back what tfjs keeps for tensors to come, which would be as much again as a recording needs. */
function trim(pool: TfjsPool): void {
  for (const buffers of pool.freeBuffers.values()) {
    for (const buffer of buffers.splice(0)) {
      pool.numBytesAllocated -= buffer.size;
      pool.numFreeBuffers--;
      buffer.destroy();
    }
  }
}

function keyOf(size: number, usage: number): string {
  return `${size}_${usage}`;
}
