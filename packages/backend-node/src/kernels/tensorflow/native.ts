import * as tf from '@tensorflow/tfjs-core';
import type { MadeTensor } from '../../programs/tensorflow-recording';
import type { WatchedBinding } from '../../programs/watched-binding';

/** The part of the backend class of tfjs-node that is used here. */
export interface NativeBackend extends tf.KernelBackend {
  readonly isGPUPackage: boolean;
  readonly isUsingGpuDevice: boolean;
  binding: WatchedBinding & Constants;
  executeSingleOutput(...args: unknown[]): unknown;
  executeMultipleOutputs(...args: unknown[]): unknown;
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(made: MadeTensor): tf.Tensor;
}

/** The values of TensorFlow's enumerations, by name. */
type Constants = Readonly<Record<`TF_${string}`, number>> & { readonly TF_Version: string };

/** Attributes of a TensorFlow operation, besides its element type. */
export interface OpAttributes {
  readonly floats?: Readonly<Record<string, number>>;
  readonly text?: Readonly<Record<string, string>>;
  readonly integers?: Readonly<Record<string, readonly number[]>>;
  readonly booleans?: Readonly<Record<string, boolean>>;
}

/** Runs a TensorFlow operation on float tensors. */
export function nativeOp<T extends tf.Tensor>(
  backend: NativeBackend,
  operation: string,
  inputs: readonly tf.TensorInfo[],
  { floats = {}, text = {}, integers = {}, booleans = {} }: OpAttributes = {},
): T {
  const { TF_ATTR_TYPE, TF_ATTR_FLOAT, TF_ATTR_STRING, TF_ATTR_INT, TF_ATTR_BOOL, TF_FLOAT } =
    backend.binding;
  const attributes: object[] = [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }];
  for (const [values, type] of [
    [floats, TF_ATTR_FLOAT],
    [text, TF_ATTR_STRING],
    [integers, TF_ATTR_INT],
    [booleans, TF_ATTR_BOOL],
  ] as const) {
    for (const [name, value] of Object.entries(values)) attributes.push({ name, type, value });
  }
  return backend.executeSingleOutput(operation, attributes, inputs) as T;
}

/** Adds a bias `[C]` to every pixel of x `[..., C]`. */
export function addBias<T extends tf.Tensor>(backend: NativeBackend, x: T, bias: tf.TensorInfo): T {
  return nativeOp(backend, 'BiasAdd', [x, bias], { text: { data_format: 'NHWC' } });
}

/** A kernel. It runs in a `tf.tidy`, so intermediate tensors are freed. */
export type NativeKernel = (
  backend: NativeBackend,
  inputs: tf.NamedTensorMap,
  attributes: tf.NamedAttrMap,
) => tf.Tensor;

/** Registers kernels for tfjs-node, or unregisters them if not `use`. May be called again. */
export function registerNativeKernels(kernels: Readonly<Record<string, NativeKernel>>, use: boolean): void {
  const backendName = 'tensorflow';
  for (const [kernelName, run] of Object.entries(kernels)) {
    const registered = tf.getKernel(kernelName, backendName) !== undefined;
    if (!use && registered) tf.unregisterKernel(kernelName, backendName);
    if (!use || registered) continue;
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, backend, attrs = {} }) =>
        tf.tidy(() => run(backend as NativeBackend, inputs as tf.NamedTensorMap, attrs)),
    });
  }
}
