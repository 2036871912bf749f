import type { RecordedBuffers, RecordingBufferManager } from './buffer-manager';
import type { WebgpuBuffer, WebgpuTfBackend } from './tfjs-internals';

/** A dispatch of a compute shader. */
export interface Dispatch {
  readonly pipeline: unknown;
  readonly bindGroup: unknown;
  readonly workgroups: readonly [number, number, number];
}

/** A copy of the first `size` bytes of a buffer. */
export interface BufferCopy {
  readonly source: WebgpuBuffer;
  readonly target: WebgpuBuffer;
  readonly size: number;
}

/**
 * Dispatches submitted together. With many more, drivers of slow GPUs would assume a hang; with many fewer, submitting
 * would take noticeable time.
 */
const maxDispatches = 250;

/** The dispatches of one compute pass, and the copies after it. */
interface Section {
  readonly dispatches: Dispatch[];
  readonly copies: BufferCopy[];
}

/** The recorded commands of a step, which can be submitted again. */
export class WebgpuRecording implements Disposable {
  readonly #device: WebgpuTfBackend['device'];
  readonly #buffers: RecordingBufferManager;
  readonly #held: RecordedBuffers;
  readonly #sections: Section[] = [];

  /** An empty recording. */
  constructor(device: WebgpuTfBackend['device'], buffers: RecordingBufferManager, held: RecordedBuffers) {
    this.#device = device;
    this.#buffers = buffers;
    this.#held = held;
  }

  /** Whether a replay would differ from running the step. */
  get stale(): boolean {
    return this.#held.stale;
  }

  /** Marks the recording as stale, since the step does something that cannot be replayed. */
  invalidate(): void {
    this.#held.stale = true;
  }

  /** Appends a dispatch. */
  addDispatch(dispatch: Dispatch): void {
    const last = this.#sections.at(-1);
    if (last && last.copies.length === 0 && last.dispatches.length < maxDispatches)
      last.dispatches.push(dispatch);
    else this.#sections.push({ dispatches: [dispatch], copies: [] });
  }

  /** Appends a copy between buffers. */
  addCopy(copy: BufferCopy): void {
    const last = this.#sections.at(-1);
    if (last) last.copies.push(copy);
    else this.#sections.push({ dispatches: [], copies: [copy] });
  }

  /** Submits the commands again. */
  replay(): void {
    for (const { dispatches, copies } of this.#sections) {
      const encoder = this.#device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      let current: unknown;
      for (const { pipeline, bindGroup, workgroups } of dispatches) {
        if (pipeline !== current) pass.setPipeline(pipeline);
        current = pipeline;
        pass.setBindGroup(0, bindGroup);
        pass.dispatchWorkgroups(workgroups[0], workgroups[1], workgroups[2]);
      }
      pass.end();
      for (const { source, target, size } of copies) encoder.copyBufferToBuffer(source, 0, target, 0, size);
      this.#device.queue.submit([encoder.finish()]);
    }
  }

  /** Frees the buffers. */
  [Symbol.dispose](): void {
    this.#buffers.drop(this.#held);
  }
}
