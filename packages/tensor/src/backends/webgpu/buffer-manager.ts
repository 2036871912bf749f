import {
  bufferUsage,
  type TfjsBuffers,
  type TfjsPool,
  type WebgpuBuffer,
  type WebgpuTfBackend,
} from './tfjs-internals';

/** The buffers that one recording uses, beside the scratch buffers that all recordings share. */
export interface RecordedBuffers {
  /** Uniforms, and tensors that were uploaded and disposed while recording. The recording owns them. */
  readonly constants: Set<WebgpuBuffer>;
  /** Buffers of tensors owned elsewhere, e.g. weights. */
  readonly borrowed: Set<WebgpuBuffer>;
  /** Whether it can no longer be replayed, e.g. because one of its buffers was given to another tensor. */
  stale: boolean;
}

/** A recording in progress. */
interface OngoingRecording extends RecordedBuffers {
  /** Scratch buffers of tensors that are still alive. */
  readonly live: Set<WebgpuBuffer>;
  /** Buffers of uploaded tensors that are still alive, e.g. of weights that are used for the first time. */
  readonly uploads: Set<WebgpuBuffer>;
}

/**
 * A buffer manager for tfjs that gives recordings their own buffers.
 *
 * A replay writes to the same buffers again, so no tensor outside may get them. Intermediate results go to scratch
 * buffers. All recordings share these, since a replay never reads what another one left there; they are freed with the
 * last recording.
 */
export class RecordingBufferManager implements TfjsBuffers {
  readonly #device: WebgpuTfBackend['device'];
  readonly #eager: TfjsPool;
  readonly #scratch = new Set<WebgpuBuffer>();
  readonly #free = new Map<string, WebgpuBuffer[]>();
  /** Created while recording, for tensors that outlive it. */
  readonly #kept = new Set<WebgpuBuffer>();
  readonly #recordings = new Set<RecordedBuffers>();
  #recording: OngoingRecording | undefined;
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

  /** Starts a recording. Until it ends, acquired buffers belong to it. */
  begin(): RecordedBuffers {
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
   * Ends the recording. It is stale if the step kept tensors or disposed those of others, since then each run depends on
   * the one before. Every recording must be passed to `drop` in the end.
   */
  end(): void {
    const recording = this.#recording!;
    this.#recording = undefined;
    this.#recordings.add(recording);
    for (const buffer of recording.uploads) this.#kept.add(buffer);
    if (recording.live.size === 0) return;
    // The kept tensors take scratch buffers with them, which any other recording may use.
    for (const buffer of recording.live) {
      this.#scratch.delete(buffer);
      this.#kept.add(buffer);
    }
    for (const other of this.#recordings) other.stale = true;
  }

  /** Registers a buffer that a recorded command uses. */
  use(buffer: WebgpuBuffer): void {
    const recording = this.#recording!;
    if (!this.#scratch.has(buffer) && !recording.constants.has(buffer)) recording.borrowed.add(buffer);
  }

  /** Frees the buffers of a recording. */
  drop(recording: RecordedBuffers): void {
    this.#recordings.delete(recording);
    for (const buffer of recording.constants) this.#destroy(buffer);
    recording.constants.clear();
    if (this.#recordings.size > 0) return;
    for (const buffer of this.#scratch) this.#destroy(buffer);
    this.#scratch.clear();
    this.#free.clear();
  }

  acquireBuffer(size: number, usage: number, mapped = false, reuse = true): WebgpuBuffer {
    const recording = this.#recording;
    // Not for readback, whose buffers are neither storage nor uniform.
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
    // A tensor from outside was disposed, and its buffer may soon hold another one.
    if (recording) recording.stale = true;
    for (const each of this.#recordings) if (each.borrowed.has(buffer)) each.stale = true;
    if (this.#kept.delete(buffer)) this.#destroy(buffer);
    else this.#eager.releaseBuffer(buffer, reuse);
  }

  dispose(): void {
    for (const each of this.#recordings) this.drop(each);
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

/** Frees the buffers that tfjs pools for future tensors, as many bytes again as a recording needs. */
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
