import type { Backend } from '@faceanim/tensor';
import { FrozenConv } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { registerWebgpuKernels } from '../../../packages/tensor/src/kernels/webgpu';
import type { MatrixUnit } from '../../../packages/tensor/src/kernels/webgpu/conv/matrix-unit';
import { type ConvShape, convShapes, convWeight } from '../../support/conv-shapes';
import { openMatrixUnit, openWebgpu } from '../open-webgpu';
import type { Row, Section } from '../section';

/** Convolutions in a recorded step, so that the time of a single one stands out from that of a replay. */
const repeats = 20;

export const conv: Section = {
  description: 'GFLOP/s of convolutions by shape: of tfjs, in f32, and of gradients on matrix units',
  seconds: 90,
  async run({ device, small, report, log }) {
    await using backend = await openWebgpu({ device, matrixUnits: true });
    const matrixUnit = await openMatrixUnit();
    for (const shape of small ? convShapes.slice(0, 1) : convShapes) {
      log(shape.name);
      report(await measureShape(backend, shape, matrixUnit));
    }
  },
};

export const winogradConv: Section = {
  description: 'GFLOP/s of convolutions of 3 × 3 by shape and batch, without and with transformed tiles',
  seconds: 90,
  async run({ device, small, report, log }) {
    await using backend = await openWebgpu({ device });
    const all = convShapes.filter(({ kernel, inputs }) => kernel === 3 && inputs % 4 === 0);
    for (const shape of small ? all.slice(0, 1) : all) {
      // Batches are of 256 pixels.
      for (const batch of shape.size > 256 ? [1] : [1, 8]) {
        log(`${shape.name}, ${batch}`);
        report(await measureTiles(backend, shape, batch));
      }
    }
  },
};

async function measureTiles(
  backend: Backend,
  { name, size, inputs, outputs, kernel }: ConvShape,
  batch: number,
) {
  const weight = convWeight({ inputs, outputs, kernel });
  // The host makes random numbers slowly, so all images are the same.
  const images = (channels: number) =>
    tf.tidy(() => tf.tile(tf.randomNormal<tf.Rank.R4>([1, size, size, channels]), [batch, 1, 1, 1]));
  const [x, dy] = [images(inputs), images(outputs)];
  const gflop = (2 * batch * size ** 2 * 9 * inputs * outputs) / 1e9;
  // Filters are packed for the kernel that is registered.
  const rates = async () => {
    using own = new FrozenConv(weight, { padding: 1 });
    const ms = await milliseconds(backend, (x) => own.apply(x), x);
    const gradientMs = await milliseconds(backend, (dy) => own.backward(dy, size, size), dy);
    return [ms, gradientMs].map((each) => Math.round((gflop * 1000) / each)) as [number, number];
  };
  registerWebgpuKernels(true);
  const [plain, gradient] = await rates();
  registerWebgpuKernels(true, { leastSaved: Number.NEGATIVE_INFINITY });
  const [tiles, tilesGradient] = await rates();
  tf.dispose([x, dy]);
  return {
    ...{ name, batch, gflop: Number(gflop.toPrecision(3)) },
    ...{ own: plain, tiles, ownGradient: gradient, tilesGradient },
  };
}

async function measureShape(
  backend: Backend,
  { name, size, inputs, outputs, kernel }: ConvShape,
  matrixUnit: MatrixUnit | undefined,
) {
  const weight = convWeight({ inputs, outputs, kernel });
  using own = new FrozenConv(weight, { padding: (kernel - 1) / 2 });
  const filter = tf.tidy(() =>
    tf.transpose(tf.tensor4d(weight.data, weight.shape as [number, number, number, number]), [2, 3, 1, 0]),
  ) as tf.Tensor4D;
  const x = tf.randomNormal([1, size, size, inputs], 0, 1, 'float32', 1) as tf.Tensor4D;
  const dy = tf.randomNormal([1, size, size, outputs], 0, 1, 'float32', 2) as tf.Tensor4D;
  const gflop = (2 * size ** 2 * kernel ** 2 * inputs * outputs) / 1e9;
  const rate = async (call: (x: tf.Tensor4D) => tf.Tensor, input: tf.Tensor4D) =>
    Math.round((gflop * 1000) / (await milliseconds(backend, call, input)));
  registerWebgpuKernels(true);
  const row: Row = {
    ...{ name, gflop: Number(gflop.toPrecision(3)) },
    tfjs: await rate((x) => tf.conv2d(x, filter, 1, 'same'), x),
    own: await rate((x) => own.apply(x), x),
    tfjsGradient: await rate(
      (dy) => tf.grad((x: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter, 1, 'same'))(x, dy),
      dy,
    ),
    ownGradient: await rate((dy) => own.backward(dy, size, size), dy),
  };
  registerWebgpuKernels(true, { matrixUnit });
  const onMatrices = matrixUnit && {
    matrix: await rate((x) => own.apply(x), x),
    matrixGradient: await rate((dy) => own.backward(dy, size, size), dy),
  };
  tf.dispose([filter, x, dy]);
  return { ...row, ...onMatrices };
}

/** Time of one call on the device: of a recorded step of many, less that of one of few. */
async function milliseconds(
  backend: Backend,
  call: (x: tf.Tensor4D) => tf.Tensor,
  input: tf.Tensor4D,
): Promise<number> {
  const time = async (calls: number) => {
    using program = backend.program!(
      ({ x }) => {
        let last = call(x as tf.Tensor4D);
        for (let i = 1; i < calls; i++) {
          last.dispose();
          last = call(x as tf.Tensor4D);
        }
        return { sum: tf.slice(tf.reshape(last, [-1]), 0, 1) };
      },
      { x: input },
    );
    program.run();
    await program.read('sum');
    const times: number[] = [];
    for (let i = 0; i < 7; i++) {
      const start = performance.now();
      program.run();
      await program.read('sum');
      times.push(performance.now() - start);
    }
    return Math.min(...times);
  };
  const [few, many] = [await time(2), await time(2 + repeats)];
  return Math.max(many - few, 1e-3) / repeats;
}
