import * as tf from '@tensorflow/tfjs-core';

/** The differentiable operations of a computation, in order, as tfjs records them. */
type Tape = ReturnType<typeof tf.engine>['state']['activeTape'];
type TapeNode = Tape[number];

/**
 * Takes the gradient that other operations have already contributed to the i-th input of this one; undefined if there is
 * none. Whoever takes it must add it to the gradient that the operation returns for that input. Kernels that can add as
 * they write their result save a pass over memory this way.
 */
export type TakeAccumulated = (i: number) => tf.Tensor | undefined;

/** Keyed by the upstream gradient of the operation whose backward pass is running. */
const accumulatedFor = new WeakMap<tf.Tensor, TakeAccumulated>();
const nothing: TakeAccumulated = () => undefined;

/** For the operation whose upstream gradient is dy. Always empty if tfjs itself follows the tape. */
export function takeAccumulatedFor(dy: tf.Tensor): TakeAccumulated {
  return accumulatedFor.get(dy) ?? nothing;
}

/**
 * The value of a function of tensors and its gradients in them.
 *
 * Does what `tf.grads` does, with three differences. The backward pass frees gradients and saved activations as soon as it
 * is done with them, which halves peak memory. An operation may add gradients that are already there to its own
 * ({@link TakeAccumulated}). And it may be called inside the gradient function of an operation, where `tf.grads` would
 * lose the tape that tfjs is following.
 *
 * @param dy upstream gradient, of the shape of the value. Default all 1.
 * @returns gradients in the order of `xs`, undefined if the value does not depend on an input; the caller owns all of them
 */
export function differentiate<T extends tf.Tensor>(
  f: (...xs: tf.Tensor[]) => T,
  xs: readonly tf.Tensor[],
  dy?: T,
): { value: T; gradients: (tf.Tensor | undefined)[] } {
  const tape: Tape = [];
  try {
    const value = record(tape, () => f(...xs));
    return { value, gradients: backpropagate(tape, xs, value, dy ? tf.clone(dy) : tf.onesLike(value)) };
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

function backpropagate(
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
      const takeAccumulated: TakeAccumulated = (i) => {
        const input = node.inputs[i];
        const accumulated = input && gradients.get(input.id);
        if (!accumulated) return undefined;
        taken.push(accumulated);
        gradients.delete(input.id);
        return accumulated;
      };
      const found = withAccumulated(dys[0], takeAccumulated, () => inputGradients(node, dys, wanted));
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

function withAccumulated<T>(dy: tf.Tensor | undefined, takeAccumulated: TakeAccumulated, run: () => T): T {
  if (!dy) return run();
  accumulatedFor.set(dy, takeAccumulated);
  try {
    return run();
  } finally {
    accumulatedFor.delete(dy);
  }
}

/** Gradients in some inputs of one operation, each a tensor that can be disposed on its own. */
function inputGradients(
  { kernelName, gradient, saved = [] }: TapeNode,
  dys: readonly (tf.Tensor | undefined)[],
  wanted: readonly [string, tf.Tensor][],
): tf.Tensor[] {
  const found = tf.tidy(() => {
    if (!gradient) throw new Error(`The operation ${kernelName} has no gradient`);
    // tfjs replaces missing upstream gradients by zeros.
    const gradientOf = gradient(dys as tf.Tensor[]);
    return wanted.map(([name, { shape }]) => {
      const compute = gradientOf[name];
      if (!compute) throw new Error(`The operation ${kernelName} has no gradient in its input ${name}`);
      const dx = compute();
      tf.util.assertShapesMatch(dx.shape, shape, `The gradient of ${kernelName} in its input ${name}: `);
      return dx;
    });
  });
  return found.map((dx, i) =>
    dys.includes(dx) || saved.includes(dx) || found.indexOf(dx) < i || dx.kept ? tf.clone(dx) : dx,
  );
}
