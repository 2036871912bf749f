import { parseArgs } from 'node:util';
import { openBackend } from '@faceanim/backend-node';
import { FrozenConv } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { registerWebgpuKernels } from '../packages/tensor/src/kernels/webgpu';
import type { BenchmarkContext } from './run';
import { type ConvShape, convShapes, convWeight } from './support/conv-shapes';
import { wholeNumber } from './support/whole-number';

export const description =
  "convolutions of the original networks, forward and gradient, tfjs' own against the SDK's [--backend NAME] [--allow-software] [--only TEXT] [--repeat N] [--batch N] [--enough N,N] [--most-dot-products N,N]";

/** Limits of the WebGPU kernel that were reasoned, not timed: the options of `frozenConvKernel`. */
type Limits = Readonly<Partial<Record<'enough' | 'mostDotProducts', number>>>;

export async function run({ args, log }: BenchmarkContext) {
  const { backend: prefer, allowSoftware, only, limits, ...counts } = parseOptions(args);
  await using backend = await openBackend({ prefer, allowSoftware });
  log(`${backend.description}, batch ${counts.batch}, ${counts.repeat} runs in a row after one to warm up`);
  const rows = [];
  for (const shape of convShapes.filter(({ name }) => name.includes(only))) {
    log(shape.name);
    rows.push(...(await measure(shape, limits, counts)));
  }
  return { backend: backend.description, convolutions: rows };
}

function parseOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      backend: { type: 'string' },
      'allow-software': { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      repeat: { type: 'string', default: '20' },
      batch: { type: 'string', default: '1' },
      enough: { type: 'string' },
      'most-dot-products': { type: 'string' },
    },
  });
  const list = (name: 'enough' | 'most-dot-products') =>
    values[name]?.split(',').map((value) => wholeNumber(name, value, 0)) ?? [undefined];
  return {
    backend: values.backend,
    allowSoftware: values['allow-software'],
    only: values.only,
    repeat: wholeNumber('repeat', values.repeat),
    batch: wholeNumber('batch', values.batch),
    limits: list('enough').flatMap((enough) =>
      list('most-dot-products').map((mostDotProducts): Limits => ({ enough, mostDotProducts })),
    ),
  };
}

/** Times a convolution; one row for each choice of limits. */
async function measure(
  { name, size, inputs, outputs, kernel }: ConvShape,
  limits: readonly Limits[],
  { batch, repeat }: { batch: number; repeat: number },
): Promise<object[]> {
  const weight = convWeight({ inputs, outputs, kernel });
  using own = new FrozenConv(weight, { padding: (kernel - 1) / 2 });
  const filter = tf.tidy(() =>
    tf.transpose(tf.tensor4d(weight.data, weight.shape as [number, number, number, number]), [2, 3, 1, 0]),
  ) as tf.Tensor4D;
  const x = tf.randomNormal([batch, size, size, inputs], 0, 1, 'float32', 1) as tf.Tensor4D;
  const dy = tf.randomNormal([batch, size, size, outputs], 0, 1, 'float32', 2) as tf.Tensor4D;
  const gflop = (2 * batch * size ** 2 * kernel ** 2 * inputs * outputs) / 1e9;
  const shape = { name, size, inputs, outputs, kernel, gflop: Number(gflop.toPrecision(3)) };
  const tfjs = {
    tfjs: await milliseconds(() => tf.conv2d(x, filter, 1, 'same'), repeat),
    tfjsGradient: await milliseconds(
      () => tf.grad((x: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter, 1, 'same'))(x, dy),
      repeat,
    ),
  };
  const rows: object[] = [];
  for (const limit of limits) {
    if (limit.enough !== undefined || limit.mostDotProducts !== undefined) registerWebgpuKernels(true, limit);
    const times = {
      ...tfjs,
      own: await milliseconds(() => own.apply(x), repeat),
      ownGradient: await milliseconds(() => own.applyTransposed(dy, size, size), repeat),
    };
    const columns = Object.entries(times).flatMap(([column, ms]) => [
      [`${column} ms`, Number(ms.toPrecision(3))],
      [`${column} GFLOP/s`, Number(((gflop / ms) * 1000).toPrecision(3))],
    ]);
    rows.push({ ...shape, ...limit, ...Object.fromEntries(columns) });
  }
  tf.dispose([filter, x, dy]);
  return rows;
}

/** Mean time of `repeat` calls that are queued at once. */
async function milliseconds(call: () => tf.Tensor, repeat: number): Promise<number> {
  const finish = async (calls: number) => {
    for (let i = 1; i < calls; i++) call().dispose();
    // One element: a GPU has to finish, and nothing large is copied.
    const first = tf.tidy(() => tf.slice(tf.reshape(call(), [-1]), 0, 1));
    await first.data();
    first.dispose();
  };
  await finish(1);
  const start = performance.now();
  await finish(repeat);
  return (performance.now() - start) / repeat;
}
