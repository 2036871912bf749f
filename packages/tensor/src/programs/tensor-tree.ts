import * as tf from '@tensorflow/tfjs-core';

/**
 * Maps a function over the tensors in nested arrays and objects. `f` also gets the path of the tensor, below `name` and
 * joined by slashes. Numbers and strings are kept.
 */
export function mapTree(
  tree: tf.TensorContainer,
  name: string,
  f: (tensor: tf.Tensor, name: string) => unknown,
): unknown {
  if (tree instanceof tf.Tensor) return f(tree, name);
  if (Array.isArray(tree)) return tree.map((item, i) => mapTree(item, `${name}/${i}`, f));
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [
      key,
      mapTree(value as tf.TensorContainer, `${name}/${key}`, f),
    ]),
  );
}
