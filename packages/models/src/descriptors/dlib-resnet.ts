import type { FaceDescriptor } from '@faceanim/core';
import {
  averageBy2,
  FrozenConv,
  type HostTensor,
  type ImageTensor,
  invalidOption,
  maxPool,
  TensorBag,
  type Weights,
} from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkWeights, type WeightShapes, weightOf } from '../networks/check-weights';
import type { FaceDescriptorArchitecture } from './architecture';

type Stage = (x: tf.Tensor4D) => tf.Tensor4D;

const network = "dlib's face recognition network";

/**
 * The residual network that dlib recognises faces with (King 2017, `dlib_face_recognition_resnet_model_v1`), with the tensor
 * names and the layout (HWIO) of face-api.
 */
export const dlibResNet: FaceDescriptorArchitecture = {
  name: network,
  anchors: ['conv256_down_out/conv1/conv/filters'],
  licence: 'Public domain (CC0).',
  create: (weights, { file }) => {
    checkWeights(weights, shapes, { network, file });
    return TensorBag.build((bag) => new DlibResNet(bag, weights));
  },
};

/** Residual blocks in order. Those that are `down` halve the size; the number is the width. */
const blocks = [
  ...['conv32_1', 'conv32_2', 'conv32_3'],
  ...['conv64_down', 'conv64_1', 'conv64_2', 'conv64_3'],
  ...['conv128_down', 'conv128_1', 'conv128_2'],
  ...['conv256_down', 'conv256_1', 'conv256_2', 'conv256_down_out'],
];

const shapes = expectedShapes();

/** What is subtracted from red, green and blue, in bytes. */
const meanColour = [122.782, 117.001, 104.298];

class DlibResNet implements FaceDescriptor {
  readonly specificationVersion = 'v1';
  readonly inputSize = 150;
  // Where dlib's face chips (padding 0.25), which the network was trained on, lie in pictures aligned like FFHQ.
  readonly crop = { x: 0.155, y: 0.25, side: 0.7 };
  readonly #bag: TensorBag;
  readonly #shift: tf.Tensor1D;
  readonly #stem: FrozenConv;
  readonly #blocks: readonly Stage[];
  readonly #matrix: tf.Tensor2D;

  constructor(bag: TensorBag, weights: Weights) {
    this.#bag = bag;
    this.#shift = bag.constant(
      Float32Array.from(meanColour, (mean) => (127.5 - mean) / 256),
      [3],
    );
    this.#stem = convolution(bag, weights, 'conv32_down', { stride: 2, padding: 0, relu: true });
    this.#blocks = blocks.map((name) => residualBlock(bag, weights, name));
    this.#matrix = bag.constant(weightOf(weights, 'fc').data, [256, 128]);
  }

  embed(image: ImageTensor<'signed'>): tf.Tensor2D {
    this.#bag.checkOpen('face descriptor');
    const [, height, width] = image.shape;
    if (height !== this.inputSize || width !== this.inputSize)
      throw invalidOption('image', `[${image.shape}]`, `[N, ${this.inputSize}, ${this.inputSize}, 3]`);
    return tf.tidy(() => {
      const input: tf.Tensor4D = tf.add(tf.mul(image as tf.Tensor4D, 127.5 / 256), this.#shift);
      const first = maxPool(this.#stem.apply(input), { size: 3, stride: 2 });
      const features = this.#blocks.reduce((x, block) => block(x), first);
      return tf.matMul(tf.mean<tf.Tensor2D>(features, [1, 2]), this.#matrix);
    });
  }

  [Symbol.dispose](): void {
    this.#bag[Symbol.dispose]();
  }
}

/** Two convolutions, added to their input; or to its means over 2x2 pixels if they halve the size. */
function residualBlock(bag: TensorBag, weights: Weights, name: string): Stage {
  const down = isDown(name);
  const first = convolution(bag, weights, `${name}/conv1`, {
    ...(down ? { stride: 2, padding: 0 } : { stride: 1, padding: 1 }),
    relu: true,
  });
  const second = convolution(bag, weights, `${name}/conv2`, { stride: 1, padding: 1, relu: false });
  return (x) => {
    const shortcut = down ? averageBy2(evenSize(x)) : x;
    const main = second.apply(first.apply(x));
    // Neither side need be the larger one: pooling keeps more pixels, convolutions add channels.
    const [, height, width] = shortcut.shape;
    const channels = main.shape[3];
    const sum: tf.Tensor4D = tf.add(
      padTo(main, height, width, channels),
      padTo(shortcut, height, width, channels),
    );
    return tf.relu(sum);
  };
}

/** A convolution with its bias and the scale and shift after it, as one. */
function convolution(
  bag: TensorBag,
  weights: Weights,
  name: string,
  options: { stride: number; padding: number; relu: boolean },
): FrozenConv {
  const data = (part: string) => weightOf(weights, `${name}/${part}`).data;
  const scale = data('scale/weights');
  const shift = data('scale/biases');
  const bias = data('conv/bias').map((value, i) => value * scale[i]! + shift[i]!);
  return bag.use(
    new FrozenConv(scaledOihw(weightOf(weights, `${name}/conv/filters`), scale), { ...options, bias }),
  );
}

/** Filters `[height, width, inputs, outputs]` as `[outputs, inputs, height, width]`, each output times its scale. */
function scaledOihw({ shape, data }: HostTensor, scale: Float32Array): HostTensor {
  const [height, width, inputs, outputs] = shape as [number, number, number, number];
  const cells = height * width;
  const result = new Float32Array(data.length);
  for (let cell = 0, from = 0; cell < cells; cell++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++, from++) {
        result[(o * inputs + i) * cells + cell] = data[from]! * scale[o]!;
      }
    }
  }
  return { shape: [outputs, inputs, height, width], data: result };
}

/** Without the last row and column where their number is odd. */
function evenSize(x: tf.Tensor4D): tf.Tensor4D {
  const [n, height, width, channels] = x.shape;
  if (height % 2 === 0 && width % 2 === 0) return x;
  return tf.slice(x, [0, 0, 0, 0], [n, height - (height % 2), width - (width % 2), channels]);
}

/** Zeros after the last row, column and channel. */
function padTo(x: tf.Tensor4D, height: number, width: number, channels: number): tf.Tensor4D {
  const missing = [height - x.shape[1], width - x.shape[2], channels - x.shape[3]];
  if (missing.every((count) => count === 0)) return x;
  return tf.pad(x, [[0, 0], ...missing.map((count): [number, number] => [0, count])]);
}

function isDown(block: string): boolean {
  return block.includes('_down');
}

function expectedShapes(): WeightShapes {
  const all: Record<string, readonly number[]> = { fc: [256, 128] };
  const add = (name: string, size: number, inputs: number, outputs: number) => {
    all[`${name}/conv/filters`] = [size, size, inputs, outputs];
    for (const part of ['conv/bias', 'scale/weights', 'scale/biases']) all[`${name}/${part}`] = [outputs];
  };
  add('conv32_down', 7, 3, 32);
  let inputs = 32;
  for (const name of blocks) {
    const outputs = Number(/\d+/.exec(name)![0]);
    add(`${name}/conv1`, 3, inputs, outputs);
    add(`${name}/conv2`, 3, outputs, outputs);
    inputs = outputs;
  }
  return all;
}
