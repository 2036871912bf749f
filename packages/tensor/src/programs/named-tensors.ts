import type { NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';

type Tensors = Readonly<NamedTensorMap>;

/** Maps a function over named tensors. */
export function mapTensors(tensors: Tensors, f: (tensor: Tensor) => Tensor): NamedTensorMap {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, f(tensor)]));
}

/** Puts a prefix before the names of tensors. */
export function addPrefix(prefix: string, tensors: Tensors): NamedTensorMap {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));
}

/** Selects the tensors whose names have a prefix, and removes it. */
export function takePrefix(prefix: string, tensors: Tensors): NamedTensorMap {
  const found = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
