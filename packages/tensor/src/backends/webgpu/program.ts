import * as tf from '@tensorflow/tfjs-core';
import { invalidOption } from '../../errors';
import { mapTensors } from '../../programs/named-tensors';
import type { StepFunction, StepProgram } from '../../programs/step-program';
import { recordTape } from './recorder';
import type { WebgpuTape } from './tape';
import { flush, type WebgpuBuffer, type WebgpuTfBackend } from './tfjs';

/** Recordings that may fail before the step is taken for one that cannot be recorded; a first one may fill caches. */
const attempts = 2;

/**
 * A {@link StepProgram} that records the commands of its first run, an ordinary one, and submits them again in the
 * following ones. That costs the CPU a few µs per operation instead of the 100 to 200 of tfjs. Runs queue up on the
 * device, so something should be read now and then.
 *
 * Values that the step uploads and tensors that it closes over are taken as they were, and the latter must live as long
 * as the program: once one is disposed, the next run is recorded anew. A step that reads tensors back, computes on the
 * CPU, uses textures, or keeps tensors beyond its end runs eagerly; so does every step while tfjs is profiling.
 */
export function webgpuProgram(
  backend: WebgpuTfBackend,
  step: StepFunction,
  initial: tf.NamedTensorMap,
): StepProgram {
  const inputs = mapTensors(initial, (tensor) => copyOf(backend, tensor));
  /** Where the outputs of the last run are; some are inputs. */
  const outputs: tf.NamedTensorMap = {};
  /** What `tensor` gave out since the last run. */
  let views: tf.NamedTensorMap = {};
  let tape: WebgpuTape | undefined;
  let failures = 0;

  const named = (name: string, tensors = { ...inputs, ...outputs }) => {
    const tensor = tensors[name];
    if (!tensor) throw invalidOption('name', name, `one of ${Object.keys(tensors).join(', ')}`);
    return tensor;
  };

  /** Runs the step; every command is in the queue at the end. */
  const execute = () => {
    // A step may have read its inputs, which tfjs takes for constants from then on.
    for (const { dataId } of Object.values(inputs)) backend.tensorMap.get(dataId).values = null;
    const results = tf.tidy(() => mapTensors(step({ ...inputs }), (tensor) => tf.keep(tf.clone(tensor))));
    try {
      // The values of inputs, of which some are overwritten now.
      const isInput = new Set(Object.values(inputs).map(({ dataId }) => dataId));
      for (const [name, result] of Object.entries(results)) {
        if (!isInput.has(result.dataId)) continue;
        results[name] = copyOf(backend, result);
        result.dispose();
      }
      for (const [name, result] of Object.entries(results)) {
        outputs[name] ??= inputs[name] ?? allocate(backend, result);
        copy(backend, result, outputs[name], name);
      }
      flush(backend);
    } finally {
      tf.dispose(results);
    }
  };

  const record = () => {
    const last = tape;
    tape = undefined;
    try {
      const next = recordTape(backend, execute);
      if (!next.stale) tape = next;
      else {
        failures++;
        next[Symbol.dispose]();
      }
    } finally {
      last?.[Symbol.dispose]();
    }
  };

  return {
    write(input, value) {
      const target = named(input, inputs);
      flush(backend);
      if (value instanceof tf.Tensor) {
        copy(backend, value, target, input);
        flush(backend);
      } else {
        if (value.length !== target.size) throw invalidOption(input, value, `${target.size} numbers`);
        const data = target.dtype === 'float32' ? value : Int32Array.from(value);
        backend.device.queue.writeBuffer(bufferOf(backend, target), 0, data);
      }
      views[input]?.dispose();
      delete views[input];
    },
    run() {
      const eager = failures >= attempts || isProfiling(backend) || tf.backend() !== backend;
      flush(backend);
      tf.dispose(views);
      views = {};
      if (eager) execute();
      else if (tape && !tape.stale) tape.replay();
      else record();
    },
    async read(name) {
      // A tensor of its own, since tfjs takes what it has read of a tensor for its value from then on.
      const snapshot = copyOf(backend, named(name));
      try {
        return (await snapshot.data()) as Float32Array;
      } finally {
        snapshot.dispose();
      }
    },
    tensor(name) {
      views[name] ??= viewOf(backend, named(name));
      return views[name];
    },
    [Symbol.dispose]() {
      flush(backend);
      tape?.[Symbol.dispose]();
      tf.dispose([inputs, outputs, views]);
    },
  };
}

/** Buffer of a tensor, which is uploaded if it is still on the CPU. */
function bufferOf(backend: WebgpuTfBackend, { dataId }: tf.Tensor): WebgpuBuffer {
  backend.uploadToGPU(dataId);
  return backend.tensorMap.get(dataId).resource!;
}

/** A tensor like another one, for its copies. */
function allocate(backend: WebgpuTfBackend, { shape, dtype }: tf.Tensor): tf.Tensor {
  const tensor = tf.keep(tf.zeros(shape, dtype));
  bufferOf(backend, tensor);
  return tensor;
}

/** A copy of a tensor on the device. */
function copyOf(backend: WebgpuTfBackend, tensor: tf.Tensor): tf.Tensor {
  bufferOf(backend, tensor);
  // It comes in the shape that the buffer was made for, which may have been reshaped since.
  const { tensorRef } = tensor.dataToGPU();
  const copied = tf.keep(tf.reshape(tensorRef, tensor.shape));
  tensorRef.dispose();
  return copied;
}

/** A tensor on the buffer of another one, which tfjs may take for a constant. */
function viewOf(backend: WebgpuTfBackend, tensor: tf.Tensor): tf.Tensor {
  const buffer = bufferOf(backend, tensor);
  return tf.keep(tf.tensor({ buffer, zeroCopy: true } as tf.WebGPUData, tensor.shape, tensor.dtype));
}

/** Encodes the copy of a tensor to another one. */
function copy(backend: WebgpuTfBackend, from: tf.Tensor, to: tf.Tensor, name: string): void {
  if (kindOf(from) !== kindOf(to)) throw invalidOption(name, kindOf(from), kindOf(to));
  const [source, target] = [bufferOf(backend, from), bufferOf(backend, to)];
  if (source === target) return;
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.commandEncoder!.copyBufferToBuffer(source, 0, target, 0, target.size);
}

function kindOf({ dtype, shape }: tf.Tensor): string {
  return `${dtype} [${shape.join(', ')}]`;
}

/** Whether tfjs takes the times of operations. */
function isProfiling(backend: WebgpuTfBackend): boolean {
  return backend.activeTimers != null || tf.engine().state.profiling;
}
