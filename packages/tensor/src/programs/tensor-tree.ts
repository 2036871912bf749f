import * as tf from '@tensorflow/tfjs-core';

/**
 * A container of tensors with every tensor replaced by what `f` makes of it. `f` also gets a name: the path to the tensor
 * below `name`, joined by slashes. Numbers and strings stay as they are.
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
