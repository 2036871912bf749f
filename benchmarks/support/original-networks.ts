import type { Generator, LandmarkNet, PerceptualNet } from '@faceanim/core';
import {
  type CreateGeneratorOptions,
  createGenerator,
  createLandmarkNet,
  createLpips,
} from '@faceanim/models';
import type { HostTensor, Weights } from '@faceanim/tensor';
import { constant, hashTensor, permute } from './hash-weights';

/** Sizes of {@link originalNetworks}. Those that are left out default to the original program's. */
export interface OriginalSizes {
  /** Side of the image in pixels: 256 or 1024 in the original, any power of 2. */
  readonly resolution: number;
  /** Channels of the generator at resolution r: min(channelBase / r, channelMax). Default 32768. */
  readonly channelBase?: number;
  /** Default 512. */
  readonly channelMax?: number;
  /** Length of a latent. Default 512. */
  readonly wDim?: number;
  /** Channels of VGG16's first stage. Default 64. */
  readonly vggChannels?: number;
  /** Channels of FAN. Default 256. */
  readonly fanChannels?: number;
  /** Hourglass modules of FAN. Default 4. */
  readonly fanModules?: number;
}

/** The networks of the original program with synthetic weights. */
export interface OriginalNetworks extends Disposable {
  /** StyleGAN2 config-f. */
  readonly generator: Generator;
  /** 2DFAN4. */
  readonly landmarkNet: LandmarkNet;
  /** LPIPS with VGG16. */
  readonly perceptual: PerceptualNet;
}

/** For a quick try: the same layers with fewer channels, a hundredth of the work at 64 pixels. */
export const smallSizes: OriginalSizes = {
  resolution: 64,
  channelBase: 1024,
  channelMax: 16,
  wDim: 32,
  vggChannels: 4,
  fanChannels: 16,
  fanModules: 1,
};

/**
 * The networks that the original program optimises through, in the original sizes or smaller ones. The weights are hashes
 * of their names (see {@link hashTensor}). torch/networks.py makes the same, so that both compute the same loss.
 */
export function originalNetworks(
  sizes: OriginalSizes,
  options: CreateGeneratorOptions = {},
): OriginalNetworks {
  const generator = createGenerator(generatorWeights(sizes), options);
  const landmarkNet = createLandmarkNet(fanWeights(sizes));
  const vgg = vggWeights(sizes);
  const perceptual = createLpips(vgg, vgg, { net: 'vgg' });
  return disposedTogether({ generator, landmarkNet, perceptual });
}

/** Adds a disposal that frees all networks. */
export function disposedTogether(networks: Omit<OriginalNetworks, typeof Symbol.dispose>): OriginalNetworks {
  return {
    ...networks,
    [Symbol.dispose]() {
      for (const network of Object.values(networks)) network[Symbol.dispose]();
    },
  };
}

/** Filters `[out, in, kernel, kernel]`, hashed in the order (row, column, in, out). */
function filters(
  name: string,
  kernel: number,
  inputs: number,
  outputs: number,
  deviation: number,
): HostTensor {
  return permute(hashTensor(name, [kernel, kernel, inputs, outputs], { deviation }), [3, 2, 0, 1]);
}

function generatorWeights({
  resolution,
  channelBase = 32768,
  channelMax = 512,
  wDim = 512,
}: OriginalSizes): Weights {
  const weights = new Map<string, HostTensor>();
  const channelsAt = (size: number) => Math.min(channelBase / size, channelMax);
  // Layers with an equalised learning rate are stored larger by the square root of their number of inputs.
  const affine = (name: string, key: string, outputs: number) => {
    const matrix = hashTensor(`${key}.A`, [wDim, outputs], { deviation: 1 });
    weights.set(`${name}.affine.weight`, permute(matrix, [1, 0]));
    weights.set(`${name}.affine.bias`, constant(1, [outputs]));
  };
  const layer = (name: string, key: string, size: number, inputs: number, outputs: number) => {
    weights.set(`${name}.weight`, filters(`${key}.W`, 3, inputs, outputs, 1 / Math.sqrt(9 * inputs)));
    weights.set(`${name}.bias`, hashTensor(`${key}.b`, [outputs], { deviation: 0.1 }));
    weights.set(`${name}.noise_const`, hashTensor(`${key}.n`, [size, size], { deviation: 1 }));
    weights.set(`${name}.noise_strength`, constant(0.1, []));
    affine(name, key, inputs);
  };
  // The iteration does not run the mapping network.
  weights.set('mapping.fc0.weight', hashTensor('mapping.W', [wDim, wDim], { deviation: 100 }));
  weights.set('mapping.fc0.bias', constant(0, [wDim]));
  const first = channelsAt(4);
  weights.set(
    'synthesis.b4.const',
    permute(hashTensor('g.const', [4, 4, first], { deviation: 1 }), [2, 0, 1]),
  );
  for (let size = 4, inputs = 0; size <= resolution; size *= 2) {
    const outputs = channelsAt(size);
    const block = `synthesis.b${size}`;
    if (size > 4) layer(`${block}.conv0`, `g${size}.c0`, size, inputs, outputs);
    layer(`${block}.conv1`, `g${size}.c1`, size, outputs, outputs);
    weights.set(`${block}.torgb.weight`, filters(`g${size}.rgb.W`, 1, outputs, 3, 1));
    weights.set(`${block}.torgb.bias`, hashTensor(`g${size}.rgb.b`, [3], { deviation: 0.1 }));
    affine(`${block}.torgb`, `g${size}.rgb`, outputs);
    inputs = outputs;
  }
  return weights;
}

/** Mean and standard deviation of the colours, by which LPIPS normalises. */
const colours = { mean: [-0.03, -0.088, -0.188], spread: [0.458, 0.448, 0.45] };
/** Indices of VGG16's convolutions in torchvision's `features`, and their widths in multiples of the first. */
const vggConvs = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28];
const vggWidths = [1, 1, 2, 2, 4, 4, 4, 8, 8, 8, 8, 8, 8];
const vggStages = [1, 2, 4, 8, 8];

function vggWeights({ vggChannels = 64 }: OriginalSizes): Weights {
  const weights = new Map<string, HostTensor>();
  let inputs = 3;
  for (const [i, place] of vggConvs.entries()) {
    const outputs = vggWidths[i]! * vggChannels;
    const weight = filters(`vgg.${i}.W`, 3, inputs, outputs, Math.sqrt(2 / (9 * inputs)));
    const bias = hashTensor(`vgg.${i}.b`, [outputs], { deviation: 0.05 });
    if (i === 0) undoNormalisation(weight, bias);
    weights.set(`features.${place}.weight`, weight);
    weights.set(`features.${place}.bias`, bias);
    inputs = outputs;
  }
  for (const [i, width] of vggStages.entries()) {
    const channels = width * vggChannels;
    weights.set(`lin${i}.weight`, constant(1, [1, channels, 1, 1]));
  }
  return weights;
}

/**
 * The synthetic VGG expects images as they are, but LPIPS normalises their colours: its first convolution undoes that,
 * except for the outermost pixels, where zeros are padded after the normalisation.
 */
function undoNormalisation(weight: HostTensor, bias: HostTensor): void {
  weight.data.forEach((value, i) => {
    const colour = Math.floor(i / 9) % 3;
    bias.data[Math.floor(i / 27)]! += value * colours.mean[colour]!;
    weight.data[i] = value * colours.spread[colour]!;
  });
}

function fanWeights({ fanChannels: channels = 256, fanModules = 4 }: OriginalSizes): Weights {
  const weights = new Map<string, HostTensor>();
  const norm = (name: string, key: string, width: number) => {
    weights.set(`${name}.weight`, hashTensor(`${key}.s`, [width], { deviation: 0.1, mean: 1 }));
    weights.set(`${name}.bias`, hashTensor(`${key}.b`, [width], { deviation: 0.1 }));
    weights.set(`${name}.running_mean`, constant(0, [width]));
    weights.set(`${name}.running_var`, constant(1 - 1e-5, [width]));
  };
  const conv = (name: string, key: string, kernel: number, inputs: number, outputs: number) => {
    const deviation = Math.sqrt(1 / (kernel * kernel * inputs));
    weights.set(`${name}.weight`, filters(`${key}.W`, kernel, inputs, outputs, deviation));
    weights.set(`${name}.bias`, hashTensor(`${key}.b`, [outputs], { deviation: 0.05 }));
  };
  const block = (name: string, key: string, inputs: number, outputs: number) => {
    const widths = [inputs, outputs / 2, outputs / 4, outputs / 4];
    for (let i = 1; i <= 3; i++) {
      const [before, after] = [widths[i - 1]!, widths[i]!];
      norm(`${name}.bn${i}`, `${key}.b${i}`, before);
      const weight = filters(`${key}.c${i}`, 3, before, after, Math.sqrt(1 / (9 * before)));
      weights.set(`${name}.conv${i}.weight`, weight);
    }
    if (inputs === outputs) return;
    norm(`${name}.downsample.0`, `${key}.bd`, inputs);
    const shortcut = filters(`${key}.cd`, 1, inputs, outputs, Math.sqrt(1 / inputs));
    weights.set(`${name}.downsample.2.weight`, shortcut);
  };
  conv('conv1', 'fan.conv1', 7, 3, channels / 4);
  norm('bn1', 'fan.bn1', channels / 4);
  block('conv2', 'fan.c2', channels / 4, channels / 2);
  block('conv3', 'fan.c3', channels / 2, channels / 2);
  block('conv4', 'fan.c4', channels / 2, channels);
  for (let m = 0; m < fanModules; m++) {
    const key = `fan.m${m}`;
    for (const level of [4, 3, 2, 1]) {
      for (const branch of ['b1', 'b2', 'b3']) {
        block(`m${m}.${branch}_${level}`, `${key}.${branch}_${level}`, channels, channels);
      }
    }
    block(`m${m}.b2_plus_1`, `${key}.plus`, channels, channels);
    block(`top_m_${m}`, `${key}.top`, channels, channels);
    conv(`conv_last${m}`, `${key}.last`, 1, channels, channels);
    norm(`bn_end${m}`, `${key}.bne`, channels);
    conv(`l${m}`, `${key}.l`, 1, channels, 68);
    if (m === fanModules - 1) continue;
    conv(`bl${m}`, `${key}.bl`, 1, channels, channels);
    conv(`al${m}`, `${key}.al`, 1, 68, channels);
  }
  return weights;
}
