import * as tf from '@tensorflow/tfjs-core';
import { RecordingBufferManager } from './buffer-manager';
import { WebgpuRecording } from './recording';
import { flush, type WebgpuEncoder, type WebgpuTfBackend } from './tfjs-internals';

/**
 * Flags of tfjs during a recording. Small tensors must not be computed on the CPU, where the recorder would not see it.
 * And commands are submitted often, since only that frees the buffers of disposed tensors.
 */
const flags = { WEBGPU_CPU_FORWARD: false, WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE: 4 };

/**
 * Runs a function on tfjs' WebGPU backend and records the commands that it submits, as CUDA graphs do. The recording is
 * stale if the function does something that is not among its commands: readback, textures, keeping tensors or disposing
 * those of others.
 */
export function record(backend: WebgpuTfBackend, run: () => void): WebgpuRecording {
  const buffers = bufferManagerOf(backend);
  const { device } = backend;
  flush(backend);
  const recording = new WebgpuRecording(device, buffers, buffers.begin());
  const restore = [
    setFlags(flags),
    wrap(device, 'createCommandEncoder', (create) => () => recordEncoder(create(), recording, buffers)),
    wrap(device, 'createBindGroup', (create) => (descriptor) => {
      for (const { resource } of descriptor.entries) {
        if (resource.buffer) buffers.use(resource.buffer);
        else recording.invalidate();
      }
      return create(descriptor);
    }),
    wrap(backend, 'read', (read) => (dataId) => {
      recording.invalidate();
      return read(dataId);
    }),
    wrap(backend, 'readSync', (read) => (dataId) => {
      recording.invalidate();
      return read(dataId);
    }),
  ];
  let done = false;
  try {
    run();
    done = true;
    return recording;
  } finally {
    flush(backend);
    for (const undo of restore) undo();
    buffers.end();
    if (!done) recording[Symbol.dispose]();
  }
}

/** The recording buffer manager of a backend, which replaces that of tfjs on the first recording. */
function bufferManagerOf(backend: WebgpuTfBackend): RecordingBufferManager {
  const { bufferManager } = backend;
  if (bufferManager instanceof RecordingBufferManager) return bufferManager;
  const buffers = new RecordingBufferManager(backend);
  backend.bufferManager = buffers;
  return buffers;
}

/** Makes an encoder record its dispatches and copies. */
function recordEncoder(
  encoder: WebgpuEncoder,
  recording: WebgpuRecording,
  buffers: RecordingBufferManager,
): WebgpuEncoder {
  wrap(encoder, 'copyBufferToBuffer', (copy) => (source, at, target, to, size) => {
    if (at !== 0 || to !== 0) recording.invalidate();
    buffers.use(source);
    buffers.use(target);
    recording.addCopy({ source, target, size });
    copy(source, at, target, to, size);
  });
  wrap(encoder, 'beginComputePass', (begin) => (descriptor) => {
    if (descriptor?.timestampWrites) recording.invalidate();
    const pass = begin(descriptor);
    let [pipeline, bindGroup]: unknown[] = [];
    wrap(pass, 'setPipeline', (set) => (next) => {
      pipeline = next;
      set(next);
    });
    wrap(pass, 'setBindGroup', (set) => (index, next, offsets) => {
      if (index !== 0 || offsets !== undefined) recording.invalidate();
      bindGroup = next;
      set(index, next);
    });
    wrap(pass, 'dispatchWorkgroups', (dispatch) => (x, y = 1, z = 1) => {
      recording.addDispatch({ pipeline, bindGroup, workgroups: [x, y, z] });
      dispatch(x, y, z);
    });
    return pass;
  });
  return encoder;
}

/** Replaces a method of one object and returns a function that restores it. */
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
