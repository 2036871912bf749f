import * as tf from '@tensorflow/tfjs-core';
import { invalidOption } from '../../errors';
import { checkInput, kindOf } from '../../programs/check-input';
import { mapTensors } from '../../programs/named-tensors';
import type { StepFunction, StepProgram } from '../../programs/step-program';
import { record } from './recorder';
import type { WebgpuRecording } from './recording';
import { flush, type WebgpuBuffer, type WebgpuTfBackend } from './tfjs-internals';

/** Failed recordings after which a step counts as not recordable. The first may fail because it fills caches. */
const attempts = 2;

/**
 * A {@link StepProgram} that records the commands of its first run and submits them again in the following runs, which
 * costs the CPU 4 to 5 µs per operation instead of about 50. Runs queue up on the device, so read something
 * now and then.
 *
 * Values that the step uploads and tensors that it closes over count as constants. The tensors must live as long as the
 * program; after one is disposed, the next run is recorded again. A step that reads tensors back, computes on the CPU,
 * uses textures, or keeps tensors beyond its end runs eagerly, and so does every step while tfjs is profiling.
 */
export function webgpuProgram(
  backend: WebgpuTfBackend,
  step: StepFunction,
  initial: tf.NamedTensorMap,
): StepProgram {
  const inputs = mapTensors(initial, (tensor) => copyOf(backend, tensor));
  /** The outputs of the last run. Some are inputs too. */
  const outputs: tf.NamedTensorMap = {};
  /** The tensors that `tensor` has returned. */
  const views: tf.NamedTensorMap = {};
  let recording: WebgpuRecording | undefined;
  let failures = 0;

  const named = (name: string, tensors = { ...inputs, ...outputs }) => {
    const tensor = tensors[name];
    if (!tensor) throw invalidOption('name', name, `one of ${Object.keys(tensors).join(', ')}`);
    return tensor;
  };

  /** Lets tfjs forget values that it has read, which it would use again. */
  const forget = (tensors: tf.NamedTensorMap) => {
    for (const { dataId } of Object.values(tensors)) backend.tensorMap.get(dataId).values = null;
  };

  /** Runs the step and submits all its commands. */
  const execute = () => {
    // A step may have read its inputs.
    forget(inputs);
    const results = tf.tidy(() => mapTensors(step({ ...inputs }), (tensor) => tf.keep(tf.clone(tensor))));
    try {
      // Results that are inputs are copied first, since inputs are overwritten below.
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

  const runRecorded = () => {
    const last = recording;
    recording = undefined;
    try {
      const next = record(backend, execute);
      if (!next.stale) recording = next;
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
      checkInput(input, value, target);
      if (value instanceof tf.Tensor) {
        // Submitted with what comes next.
        copy(backend, value, target, input);
      } else {
        flush(backend);
        const data = target.dtype === 'float32' ? value : Int32Array.from(value);
        backend.device.queue.writeBuffer(bufferOf(backend, target), 0, data);
      }
      forget(views);
    },
    run() {
      const eager = failures >= attempts || isProfiling(backend) || tf.backend() !== backend;
      flush(backend);
      forget(views);
      if (eager) execute();
      else if (recording && !recording.stale) recording.replay();
      else runRecorded();
    },
    async read<T>(name: string) {
      // Of a view, since tfjs would take the values that it reads as those of the tensor from then on.
      const view = viewOf(backend, named(name));
      try {
        return (await view.data()) as T;
      } finally {
        view.dispose();
      }
    },
    tensor(name) {
      views[name] ??= viewOf(backend, named(name));
      return views[name];
    },
    [Symbol.dispose]() {
      flush(backend);
      recording?.[Symbol.dispose]();
      tf.dispose([inputs, outputs, views]);
    },
  };
}

/** The buffer of a tensor, uploading it if it is still on the CPU. */
function bufferOf(backend: WebgpuTfBackend, { dataId }: tf.Tensor): WebgpuBuffer {
  backend.uploadToGPU(dataId);
  return backend.tensorMap.get(dataId).resource!;
}

/** A new tensor of the same shape and type. */
function allocate(backend: WebgpuTfBackend, { shape, dtype }: tf.Tensor): tf.Tensor {
  const tensor = tf.keep(tf.zeros(shape, dtype));
  bufferOf(backend, tensor);
  return tensor;
}

/** A copy of a tensor on the device. */
function copyOf(backend: WebgpuTfBackend, tensor: tf.Tensor): tf.Tensor {
  bufferOf(backend, tensor);
  // It has the shape that the buffer was made for, which may have been reshaped since.
  const { tensorRef } = tensor.dataToGPU();
  const copied = tf.keep(tf.reshape(tensorRef, tensor.shape));
  tensorRef.dispose();
  return copied;
}

/** A tensor that shares the buffer of another, so that tfjs may cache values that it reads. */
function viewOf(backend: WebgpuTfBackend, tensor: tf.Tensor): tf.Tensor {
  const buffer = bufferOf(backend, tensor);
  return tf.keep(tf.tensor({ buffer, zeroCopy: true } as tf.WebGPUData, tensor.shape, tensor.dtype));
}

/** Encodes a copy from one tensor to another. */
function copy(backend: WebgpuTfBackend, from: tf.Tensor, to: tf.Tensor, name: string): void {
  if (kindOf(from) !== kindOf(to)) throw invalidOption(name, kindOf(from), kindOf(to));
  const [source, target] = [bufferOf(backend, from), bufferOf(backend, to)];
  if (source === target) return;
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.commandEncoder!.copyBufferToBuffer(source, 0, target, 0, target.size);
  // Whoever disposes it before the command is submitted frees its buffer after that.
  backend.commandQueueOwnedIds.add(from.dataId);
}

/** Whether tfjs is timing operations. */
function isProfiling(backend: WebgpuTfBackend): boolean {
  return backend.activeTimers != null || tf.engine().state.profiling;
}
