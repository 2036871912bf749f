import * as tf from '@tensorflow/tfjs-core';

/** The differentiable operations of a computation in order, as tfjs records them. */
type Tape = ReturnType<typeof tf.engine>['state']['activeTape'];
type TapeNode = Tape[number];

/**
 * What has flowed back into the i-th input of an operation by other ways so far. Whoever asks takes it over: it must be
 * part of the gradient that the operation returns for that input. Undefined where there is nothing to add.
 */
export type Arrived = (i: number) => tf.Tensor | undefined;

/** By the gradient of the value of the operation whose way back is just computed. */
const arrivals = new WeakMap<tf.Tensor, Arrived>();
const nothing: Arrived = () => undefined;

/** What {@link differentiate} has ready for the operation whose value has the gradient dy; nothing under tfjs' own tape. */
export function arrivedWith(dy: tf.Tensor): Arrived {
  return arrivals.get(dy) ?? nothing;
}

/**
 * A function of some tensors and its gradients in them.
 *
 * What `tf.grads` does, with three differences. Gradients and saved activations are freed as soon as the way back has
 * passed them, which halves the peak memory. Where ways meet, an operation may add their gradients to its own
 * ({@link Arrived}). And it may be called inside the gradient function of an operation, where tfjs would lose the tape
 * that is being followed.
 *
 * @param dy gradient of the value, of its shape. Default 1 for all elements.
 * @returns gradients in the order of `xs`, undefined where the value does not depend on an input; the caller owns all
 */
export function differentiate<T extends tf.Tensor>(
  f: (...xs: tf.Tensor[]) => T,
  xs: readonly tf.Tensor[],
  dy?: T,
): { value: T; gradients: (tf.Tensor | undefined)[] } {
  const tape: Tape = [];
  try {
    const value = record(tape, () => f(...xs));
    return { value, gradients: followBack(tape, xs, value, dy ? tf.clone(dy) : tf.onesLike(value)) };
  } finally {
    for (const { saved } of tape) tf.dispose(saved ?? []);
  }
}

function record<T extends tf.Tensor>(tape: Tape, f: () => T): T {
  const { state } = tf.engine();
  const { activeTape, gradientDepth } = state;
  Object.assign(state, { activeTape: tape, gradientDepth: 1 });
  try {
    return tf.tidy(f);
  } finally {
    Object.assign(state, { activeTape, gradientDepth });
  }
}

function followBack(
  tape: Tape,
  xs: readonly tf.Tensor[],
  y: tf.Tensor,
  dy: tf.Tensor,
): (tf.Tensor | undefined)[] {
  const dependent = new Set(xs.map(({ id }) => id));
  for (const { inputs, outputs } of tape) {
    if (Object.values(inputs).some(({ id }) => dependent.has(id)))
      for (const { id } of outputs) dependent.add(id);
  }
  const gradients = new Map([[y.id, dy]]);
  for (const node of [...tape].reverse()) {
    const dys = node.outputs.map(({ id }) => gradients.get(id));
    if (dys.some((dy) => dy !== undefined)) {
      const wanted = Object.entries(node.inputs).filter(([, { id }]) => dependent.has(id));
      const taken: tf.Tensor[] = [];
      const take = ({ id }: tf.Tensor) => {
        const before = gradients.get(id);
        if (before) taken.push(before);
        gradients.delete(id);
        return before;
      };
      const arrived: Arrived = (i) => node.inputs[i] && take(node.inputs[i]);
      const found = withArrived(dys[0], arrived, () => inputGradients(node, dys, wanted));
      tf.dispose(taken);
      for (const [i, [, { id }]] of wanted.entries()) {
        const before = gradients.get(id);
        gradients.set(id, before ? tf.add(before, found[i]!) : found[i]!);
        if (before) tf.dispose([before, found[i]!]);
      }
    }
    for (const { id } of node.outputs) gradients.delete(id);
    tf.dispose([...dys.filter((dy) => dy !== undefined), ...(node.saved ?? [])]);
  }
  return xs.map(({ id }) => gradients.get(id));
}

function withArrived<T>(dy: tf.Tensor | undefined, arrived: Arrived, run: () => T): T {
  if (!dy) return run();
  arrivals.set(dy, arrived);
  try {
    return run();
  } finally {
    arrivals.delete(dy);
  }
}

/** Gradients in some inputs of one operation: tensors of their own, each to be disposed by itself. */
function inputGradients(
  { kernelName, gradient, saved = [] }: TapeNode,
  dys: readonly (tf.Tensor | undefined)[],
  wanted: readonly [string, tf.Tensor][],
): tf.Tensor[] {
  const found = tf.tidy(() => {
    if (!gradient) throw new Error(`The operation ${kernelName} has no gradient`);
    // tfjs puts zeros where an output has no gradient.
    const ways = gradient(dys as tf.Tensor[]);
    return wanted.map(([name, { shape }]) => {
      const way = ways[name];
      if (!way) throw new Error(`The operation ${kernelName} has no gradient in its input ${name}`);
      const dx = way();
      tf.util.assertShapesMatch(dx.shape, shape, `The gradient of ${kernelName} in its input ${name}: `);
      return dx;
    });
  });
  return found.map((dx, i) =>
    dys.includes(dx) || saved.includes(dx) || found.indexOf(dx) < i || dx.kept ? tf.clone(dx) : dx,
  );
}
