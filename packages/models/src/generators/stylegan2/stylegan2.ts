import type { Generator, MappingOptions, NoiseMaps, SynthesisOptions, SynthesisStop } from '@faceanim/core';
import {
  asImageTensor,
  type ImageTensor,
  invalidOption,
  randomStream,
  TensorBag,
  tidyAll,
  type Weights,
} from '@faceanim/tensor';
import { accepting, either, oneOf } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import { nvidiaLicence } from '../../networks/licences';
import { mappingNetwork } from '../../stylegan/mapping-network';
import type { CreateGeneratorOptions, GeneratorArchitecture } from '../architecture';
import { checkResolution } from '../check-resolution';
import { network, readStyleGan2Config, type StyleGan2Config } from './config';
import { type BlockState, type NoiseOf, type SynthesisBlock, stylegan2Synthesis } from './synthesis';

const noiseCheck = either(
  'const, none, random or noise maps by layer name',
  oneOf('const', 'none', 'random'),
  accepting('noise maps by layer name', (value) => typeof value === 'object' && value !== null),
);

/** StyleGAN2 (Karras et al. 2020, arXiv 1912.04958) with the tensor names of stylegan2-ada-pytorch. */
export const stylegan2: GeneratorArchitecture = {
  name: network,
  anchors: ['synthesis.b4.conv1.weight'],
  licence: nvidiaLicence,
  packFile: 'generator.safetensors',
  create: createStyleGan2,
};

/** Builds a StyleGAN2 generator: `mapping.*` and `synthesis.*` (skip, resnet or orig), of any resolution and width. */
export function createStyleGan2(weights: Weights, options: CreateGeneratorOptions = {}): StyleGan2 {
  const config = readStyleGan2Config(weights, options.config, options.file);
  return TensorBag.build((bag) => new StyleGan2(bag, weights, config, options));
}

export class StyleGan2 implements Generator {
  readonly specificationVersion = 'v1';
  readonly zDim: number;
  readonly wDim: number;
  readonly cDim: number;
  readonly numWs: number;
  readonly resolution: number;
  readonly stops: readonly SynthesisStop[];
  readonly wAvg: Float32Array | undefined;
  readonly noiseMaps: NoiseMaps;
  readonly #bag: TensorBag;
  readonly #map: ReturnType<typeof mappingNetwork>;
  readonly #blocks: SynthesisBlock[];
  readonly #noiseStrength: (layer: string) => number;

  constructor(
    bag: TensorBag,
    weights: Weights,
    readonly config: StyleGan2Config,
    { checkpointing }: CreateGeneratorOptions,
  ) {
    this.#bag = bag;
    this.zDim = config.zDim;
    this.wDim = config.wDim;
    this.cDim = config.cDim;
    this.numWs = 2 * config.blocks.length;
    this.resolution = config.resolution;
    // Only skip networks have an image after each block.
    const stops = config.architecture === 'skip' ? config.blocks.slice(0, -1) : [];
    this.stops = stops.map((resolution, i) => ({ resolution, numWs: 2 * (i + 1) }));
    this.wAvg = weights.get('mapping.w_avg')?.data.slice();
    this.#map = mappingNetwork(bag, weights, config, this.numWs);
    const { blocks, noiseMaps } = stylegan2Synthesis(bag, weights, config, checkpointing);
    this.#blocks = blocks;
    this.noiseMaps = noiseMaps;
    const strengths = new Map(
      Object.keys(noiseMaps).map((layer) => [
        layer,
        weights.get(`synthesis.${layer}.noise_strength`)!.data[0]!,
      ]),
    );
    this.#noiseStrength = (layer) => strengths.get(layer) ?? 0;
  }

  mapping(z: tf.Tensor2D, options: MappingOptions = {}): tf.Tensor3D {
    this.#bag.checkOpen('generator');
    return this.#map(z, options);
  }

  synthesis(ws: tf.Tensor3D, options: SynthesisOptions = {}): ImageTensor<'signed'> {
    return tf.tidy(() => {
      let last: BlockState | undefined;
      for (const state of this.#blockStates(ws, options)) {
        last?.x.dispose();
        last = state;
      }
      return asImageTensor(last!.image!, 'signed');
    });
  }

  /** Features and accumulated RGB image after each block up to `resolution`, both NHWC, for W+ `[N, numWs, wDim]`. */
  activations(ws: tf.Tensor3D, options: SynthesisOptions = {}): BlockState[] {
    return [...this.#blockStates(ws, options)];
  }

  *#blockStates(
    ws: tf.Tensor3D,
    { noise = 'const', seed = 0, resolution = this.resolution }: SynthesisOptions,
  ): Iterable<BlockState> {
    this.#bag.checkOpen('generator');
    checkResolution(resolution, this);
    if (ws.shape[1] !== this.numWs || ws.shape[2] !== this.wDim) {
      throw invalidOption('ws', `[${ws.shape}]`, `[N, ${this.numWs}, ${this.wDim}]`);
    }
    const count = ws.shape[0];
    const layers = tf.unstack(ws, 1) as tf.Tensor2D[];
    const styles = { count, w: (i: number) => layers[i]!, noise: this.#noiseOf(noise, seed, count) };
    let state: BlockState | undefined;
    for (const [i, block] of this.#blocks.entries()) {
      if (this.config.blocks[i]! > resolution) return;
      const before = state;
      yield (state = tidyAll(() => block(before, styles)));
    }
  }

  [Symbol.dispose](): void {
    this.#bag[Symbol.dispose]();
  }

  #noiseOf(noise: NonNullable<SynthesisOptions['noise']>, seed: number, count: number): NoiseOf {
    noiseCheck(noise, 'noise');
    if (noise === 'none') return () => undefined;
    // Custom maps stay in the graph even at strength 0, so that they have gradients.
    const own: NoiseMaps = typeof noise === 'object' ? noise : {};
    for (const [layer, map] of Object.entries(own)) this.#checkMap(layer, map);
    return (layer, size) => {
      if (own[layer]) return { map: own[layer], differentiable: true };
      if (this.#noiseStrength(layer) === 0) return undefined;
      const drawn = () => randomStream(seed, 'noise', layer).randn(count * size * size);
      const map =
        noise === 'random'
          ? tf.tensor3d(Float32Array.from(drawn()), [count, size, size])
          : this.noiseMaps[layer]!;
      return { map, differentiable: false };
    };
  }

  #checkMap(layer: string, map: tf.Tensor2D): void {
    const expected = this.noiseMaps[layer];
    if (!expected)
      throw invalidOption('noise', layer, `maps of the layers ${Object.keys(this.noiseMaps).join(', ')}`);
    if (map.shape.join() !== expected.shape.join()) {
      throw invalidOption(`noise.${layer}`, `[${map.shape}]`, `[${expected.shape}]`);
    }
  }
}
