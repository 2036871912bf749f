import type { NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';

type Tensors = Readonly<NamedTensorMap>;

/** The tensors, each replaced by what `f` makes of it. */
export function mapTensors(tensors: Tensors, f: (tensor: Tensor) => Tensor): NamedTensorMap {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, f(tensor)]));
}

/** The same tensors, with a prefix before each name. */
export function addPrefix(prefix: string, tensors: Tensors): NamedTensorMap {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));
}

/** The tensors whose names have a prefix, without it. */
export function takePrefix(prefix: string, tensors: Tensors): NamedTensorMap {
  const found = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
