import { invalidOption, mapTensors, type StepFunction, type StepProgram } from '@faceanim/tensor';
import { checkInput } from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';
import type { NativeBackend } from '../kernels/tensorflow/native';
import { type MadeTensor, TensorflowRecording } from './tensorflow-recording';

/** How often a step is recorded before giving up on two equal recordings in a row. */
const attempts = 6;

/**
 * A program on tfjs-node that records the TensorFlow operations of a step and, once two runs in a row were equal, replays
 * them without tfjs. A step that reads tensors back, keeps tensors, or does not repeat itself always runs in tfjs.
 */
export function tensorflowProgram(
  backend: NativeBackend,
  step: StepFunction,
  initial: tf.NamedTensorMap,
): StepProgram {
  const { binding } = backend;
  const names = Object.keys(initial);
  const values: Record<string, tf.Tensor> = {};
  let outputNames: string[] = [];
  let left = attempts;
  let last: TensorflowRecording | undefined;
  let repeated: TensorflowRecording | undefined;

  const replace = (name: string, tensor: tf.Tensor) => {
    values[name]?.dispose();
    values[name] = tf.keep(tensor);
  };
  const current = (name: string) => {
    const value = values[name];
    if (!value) throw invalidOption('name', name, `one of ${Object.keys(values).join(', ')}`);
    return value;
  };
  const idOf = (tensor: tf.Tensor) => backend.getInputTensorIds([tensor])[0]!;
  const forget = () => {
    last?.[Symbol.dispose]();
    if (repeated !== last) repeated?.[Symbol.dispose]();
    last = repeated = undefined;
  };
  const onFreed = (id: number) => {
    if (repeated?.uses(id)) forget();
  };

  const inputs = () => Object.fromEntries(names.map((name) => [name, current(name)]));
  const runEagerly = () => tf.tidy(() => mapTensors(step(inputs()), (tensor) => tf.keep(tf.clone(tensor))));

  const record = () => {
    left--;
    // New ids, so that an input is not mistaken for another tensor that shares its values.
    for (const name of names) replace(name, ownHandle(backend, current(name)));
    const recording = new TensorflowRecording(binding, Object.values(inputs()).map(idOf));
    binding.recording = recording;
    let outputs: tf.NamedTensorMap;
    try {
      outputs = runEagerly();
      recording.finish(Object.values(outputs).map(idOf));
    } catch (error) {
      binding.recording = undefined;
      recording[Symbol.dispose]();
      throw error;
    }
    binding.recording = undefined;
    outputNames = Object.keys(outputs);
    for (const [name, tensor] of Object.entries(outputs)) replace(name, tensor);
    const repeats = recording.repeatable && last?.repeatable && last.isEqual(recording);
    last?.[Symbol.dispose]();
    last = recording;
    if (repeats) repeated = recording;
    else if (left === 0) forget();
  };

  const replay = (recording: TensorflowRecording) => {
    const tensors = new Map<MadeTensor, tf.Tensor>();
    const outputs = recording.replay(Object.values(inputs()).map(idOf)).map(({ output, made }) => {
      if ('input' in output) return tf.clone(current(names[output.input]!));
      const known = tensors.get(made!);
      if (known) return tf.clone(known);
      const tensor = backend.createOutputTensor(made!);
      tensors.set(made!, tensor);
      return tensor;
    });
    for (const [i, name] of outputNames.entries()) replace(name, outputs[i]!);
  };

  for (const [name, tensor] of Object.entries(initial)) replace(name, ownHandle(backend, tensor));
  binding.onFreed.add(onFreed);
  return {
    write(input, value) {
      const known = current(input);
      checkInput(input, value, known);
      const { shape, dtype } = known;
      replace(input, value instanceof tf.Tensor ? ownHandle(backend, value) : tf.tensor(value, shape, dtype));
    },
    run() {
      if (repeated) replay(repeated);
      else if (left > 0) record();
      else for (const [name, tensor] of Object.entries(runEagerly())) replace(name, tensor);
    },
    read: async <T>(name: string) => (await current(name).data()) as T,
    tensor: current,
    [Symbol.dispose]() {
      binding.onFreed.delete(onFreed);
      forget();
      tf.dispose(values);
    },
  };
}

/** The same tensor under a new TensorFlow id. The values are shared. */
function ownHandle(backend: NativeBackend, tensor: tf.Tensor): tf.Tensor {
  const { TF_ATTR_TYPE, TF_FLOAT, TF_INT32, TF_BOOL } = backend.binding;
  const value = { float32: TF_FLOAT, int32: TF_INT32, bool: TF_BOOL }[tensor.dtype as 'float32'];
  const attributes = [{ name: 'T', type: TF_ATTR_TYPE, value }];
  return backend.executeSingleOutput('Identity', attributes, [tensor]) as tf.Tensor;
}
