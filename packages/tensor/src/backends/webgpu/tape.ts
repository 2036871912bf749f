import type { RecordingBuffers, TapeBuffers } from './buffers';
import type { WebgpuBuffer, WebgpuTfBackend } from './tfjs';

/** A dispatch with all that it needs. */
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
 * Dispatches that are submitted together. With more of them, slow GPUs would be taken for hung by their drivers; with
 * fewer, submitting would cost time that is felt.
 */
const maxDispatches = 250;

/** Dispatches that run in one compute pass, and the copies after it. */
interface Section {
  readonly dispatches: Dispatch[];
  readonly copies: BufferCopy[];
}

/** The commands of a recorded step, to be submitted again and again. */
export class WebgpuTape implements Disposable {
  readonly #device: WebgpuTfBackend['device'];
  readonly #buffers: RecordingBuffers;
  readonly #held: TapeBuffers;
  readonly #sections: Section[] = [];

  /** An empty tape with the buffers of its commands. */
  constructor(device: WebgpuTfBackend['device'], buffers: RecordingBuffers, held: TapeBuffers) {
    this.#device = device;
    this.#buffers = buffers;
    this.#held = held;
  }

  /** Whether replaying would not do what the step does. */
  get stale(): boolean {
    return this.#held.stale;
  }

  /** Gives the recording up: the step does something that cannot be replayed. */
  spoil(): void {
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

  /** Submits the commands once more. */
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
