import * as tf from '@tensorflow/tfjs-core';

/** A dispatch and its time on the GPU. */
export interface KernelTime {
  readonly kernel: string;
  readonly ms: number;
}

interface Encoder {
  beginComputePass(descriptor?: object): object;
  resolveQuerySet(...args: unknown[]): void;
  copyBufferToBuffer(...args: unknown[]): void;
  finish(): object;
}

interface ProfiledBackend {
  readonly device: {
    createCommandEncoder(): Encoder;
    createQuerySet(descriptor: object): { destroy(): void };
    createBuffer(descriptor: object): {
      mapAsync(mode: number): Promise<void>;
      getMappedRange(): ArrayBuffer;
      destroy(): void;
    };
    readonly queue: { submit(commands: readonly object[]): void };
  };
  runWebGPUProgram(program: { shaderKey: string; outputShape: number[] }, ...rest: unknown[]): unknown;
  readonly commandEncoder: Encoder | null;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/** Most dispatches: a query set holds 4096 timestamps. */
const most = 2048;

/**
 * Runs a step operation by operation, each dispatch in a compute pass of its own between two timestamps. Gives the name of
 * each shader and its time.
 */
export async function kernelTimes(step: () => tf.TensorContainer): Promise<KernelTime[]> {
  const backend = tf.backend() as unknown as ProfiledBackend;
  const { device } = backend;
  const { runWebGPUProgram } = backend;
  const createCommandEncoder = device.createCommandEncoder.bind(device);
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 * most });
  const names: string[] = [];
  let passes = 0;
  backend.runWebGPUProgram = (program, ...rest) => {
    // tfjs extends the key by types and ranks.
    const { shaderKey, outputShape } = program;
    const before = passes;
    backend.endComputePassEncoder();
    const result = runWebGPUProgram.call(backend, program, ...rest);
    backend.endComputePassEncoder();
    if (passes > before)
      names.push(`${shaderKey.replace('faceanim_', '')} to ${tf.util.sizeFromShape(outputShape)}`);
    return result;
  };
  device.createCommandEncoder = () => {
    const encoder = createCommandEncoder();
    const beginComputePass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = () => {
      const at = 2 * passes++;
      return beginComputePass({
        timestampWrites: { querySet, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 },
      });
    };
    return encoder;
  };
  try {
    tf.dispose(tf.tidy(step));
    // tfjs submits by itself after so many dispatches.
    if (backend.commandEncoder) {
      backend.endComputePassEncoder();
      backend.submitQueue();
    }
  } finally {
    Object.assign(backend, { runWebGPUProgram });
    Object.assign(device, { createCommandEncoder });
  }
  const times = await readTimes(device, querySet, passes);
  querySet.destroy();
  return names.map((kernel, i) => ({ kernel, ms: times[i] ?? 0 }));
}

/** Milliseconds of each pass. */
async function readTimes(
  device: ProfiledBackend['device'],
  querySet: object,
  passes: number,
): Promise<number[]> {
  const size = 16 * passes;
  const usage = { queryResolve: 0x200, copySource: 0x4, copyTarget: 0x8, mapRead: 0x1 };
  const resolved = device.createBuffer({ size, usage: usage.queryResolve | usage.copySource });
  const mapped = device.createBuffer({ size, usage: usage.copyTarget | usage.mapRead });
  const encoder = device.createCommandEncoder();
  encoder.resolveQuerySet(querySet, 0, 2 * passes, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, mapped, 0, size);
  device.queue.submit([encoder.finish()]);
  await mapped.mapAsync(1);
  const stamps = new BigUint64Array(mapped.getMappedRange());
  const times = Array.from({ length: passes }, (_, i) => Number(stamps[2 * i + 1]! - stamps[2 * i]!) / 1e6);
  resolved.destroy();
  mapped.destroy();
  return times;
}
