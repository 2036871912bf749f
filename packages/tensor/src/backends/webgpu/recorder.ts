import * as tf from '@tensorflow/tfjs-core';
import { RecordingBuffers } from './buffers';
import { WebgpuTape } from './tape';
import { flush, type WebgpuEncoder, type WebgpuTfBackend } from './tfjs';

/**
 * How tfjs runs while it is recorded. Small tensors are to be used on the device, even by themselves, so that it is seen
 * when they are replaced; and buffers are to be free soon after their tensors were disposed, which happens when commands
 * are submitted.
 */
const flags = { WEBGPU_CPU_FORWARD: false, WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE: 4 };

/**
 * Runs a function on tfjs' WebGPU backend and notes the commands that it submits: the idea of CUDA graphs. The tape is
 * stale where the function does something that is not among its commands: it reads results back, uses textures, keeps
 * tensors or disposes those of others.
 */
export function recordTape(backend: WebgpuTfBackend, run: () => void): WebgpuTape {
  const buffers = recordingBuffers(backend);
  const { device } = backend;
  flush(backend);
  const tape = new WebgpuTape(device, buffers, buffers.begin());
  const restore = [
    setFlags(flags),
    wrap(device, 'createCommandEncoder', (create) => () => recordEncoder(create(), tape, buffers)),
    wrap(device, 'createBindGroup', (create) => (descriptor) => {
      for (const { resource } of descriptor.entries) {
        if (resource.buffer) buffers.use(resource.buffer);
        else tape.spoil();
      }
      return create(descriptor);
    }),
    wrap(backend, 'read', (read) => (dataId) => {
      tape.spoil();
      return read(dataId);
    }),
    wrap(backend, 'readSync', (read) => (dataId) => {
      tape.spoil();
      return read(dataId);
    }),
  ];
  let done = false;
  try {
    run();
    done = true;
    return tape;
  } finally {
    flush(backend);
    for (const undo of restore) undo();
    buffers.end();
    if (!done) tape[Symbol.dispose]();
  }
}

/** Puts the buffer manager for recordings in the place of tfjs' own. */
function recordingBuffers(backend: WebgpuTfBackend): RecordingBuffers {
  const { bufferManager } = backend;
  if (bufferManager instanceof RecordingBuffers) return bufferManager;
  const buffers = new RecordingBuffers(backend);
  backend.bufferManager = buffers;
  return buffers;
}

/** Makes an encoder note its dispatches and copies. */
function recordEncoder(encoder: WebgpuEncoder, tape: WebgpuTape, buffers: RecordingBuffers): WebgpuEncoder {
  wrap(encoder, 'copyBufferToBuffer', (copy) => (source, at, target, to, size) => {
    if (at !== 0 || to !== 0) tape.spoil();
    buffers.use(source);
    buffers.use(target);
    tape.addCopy({ source, target, size });
    copy(source, at, target, to, size);
  });
  wrap(encoder, 'beginComputePass', (begin) => (descriptor) => {
    if (descriptor?.timestampWrites) tape.spoil();
    const pass = begin(descriptor);
    let [pipeline, bindGroup]: unknown[] = [];
    wrap(pass, 'setPipeline', (set) => (next) => {
      pipeline = next;
      set(next);
    });
    wrap(pass, 'setBindGroup', (set) => (index, next, offsets) => {
      if (index !== 0 || offsets !== undefined) tape.spoil();
      bindGroup = next;
      set(index, next);
    });
    wrap(pass, 'dispatchWorkgroups', (dispatch) => (x, y = 1, z = 1) => {
      tape.addDispatch({ pipeline, bindGroup, workgroups: [x, y, z] });
      dispatch(x, y, z);
    });
    return pass;
  });
  return encoder;
}

/** Replaces a method of one object; the result puts it back. */
function wrap<T extends object, K extends keyof T>(
  object: T,
  name: K,
  replacement: (method: T[K] & ((...inputs: never[]) => unknown)) => T[K],
): () => void {
  const own = Object.getOwnPropertyDescriptor(object, name);
  const method = object[name] as T[K] & ((...inputs: never[]) => unknown);
  object[name] = replacement(method.bind(object) as typeof method);
  return () => {
    if (own) Object.defineProperty(object, name, own);
    else delete object[name];
  };
}

function setFlags(wanted: Readonly<Record<string, number | boolean>>): () => void {
  const before = Object.keys(wanted).map((flag) => [flag, tf.env().get(flag)!] as const);
  for (const [flag, value] of Object.entries(wanted)) tf.env().set(flag, value);
  return () => {
    for (const [flag, value] of before) tf.env().set(flag, value as number | boolean);
  };
}
