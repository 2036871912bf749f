import type { Generator, MappingOptions, NoiseMaps, SynthesisOptions } from '@faceanim/core';
import { asImageTensor, type ImageTensor, invalidOption, TensorBag, type Weights } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { nvidiaLicence } from '../../networks/licences';
import { mappingNetwork } from '../../stylegan/mapping-network';
import type { CreateGeneratorOptions, GeneratorArchitecture } from '../architecture';
import { checkResolution } from '../check-resolution';
import { coversSide, tidyLayer } from '../checkpointing';
import { network, readStyleGan3Config, type StyleGan3Config } from './config';
import { type FourierInput, fourierInput } from './input';
import { type SynthesisLayer, stylegan3Layer } from './layer';

/** Options of {@link StyleGan3Generator.synthesis}. */
export interface StyleGan3SynthesisOptions extends SynthesisOptions {
  /**
   * Moves the image: the inverse of a rotation and translation as a matrix `[3, 3]` in row-major order; 1 is the width of
   * the image. Default: that of the checkpoint, which is the identity in published ones.
   */
  transform?: readonly number[];
}

/** A StyleGAN3 generator, which can move its image. */
export interface StyleGan3Generator extends Generator {
  /** W+ `[N, numWs, wDim]` to RGB `[N, resolution, resolution, 3]`; the network takes no noise. */
  synthesis(ws: tf.Tensor3D, options?: StyleGan3SynthesisOptions): ImageTensor<'signed'>;
}

/** StyleGAN3-T or -R (Karras et al. 2021, arXiv 2106.12423) with the tensor names of the stylegan3 repository. */
export const stylegan3: GeneratorArchitecture = {
  name: network,
  anchors: ['synthesis.input.freqs'],
  licence: nvidiaLicence,
  packFile: 'generator.safetensors',
  create: createStyleGan3,
};

/** Builds a StyleGAN3 generator: `mapping.*` and `synthesis.*`, of any resolution and width. */
export function createStyleGan3(weights: Weights, options: CreateGeneratorOptions = {}): StyleGan3 {
  const config = readStyleGan3Config(weights, options.config, options.file);
  return TensorBag.build((bag) => new StyleGan3(bag, weights, config, options));
}

/** Styles are normalised over the batch, as in the original: the images of a batch depend on each other a little. */
export class StyleGan3 implements StyleGan3Generator {
  readonly specificationVersion = 'v1';
  readonly zDim: number;
  readonly wDim: number;
  readonly cDim: number;
  readonly numWs: number;
  readonly resolution: number;
  readonly wAvg: Float32Array | undefined;
  readonly noiseMaps: NoiseMaps = {};
  readonly #bag: TensorBag;
  readonly #map: ReturnType<typeof mappingNetwork>;
  readonly #input: FourierInput;
  readonly #layers: readonly SynthesisLayer[];

  constructor(
    bag: TensorBag,
    weights: Weights,
    readonly config: StyleGan3Config,
    { checkpointing }: CreateGeneratorOptions,
  ) {
    this.#bag = bag;
    this.zDim = config.zDim;
    this.wDim = config.wDim;
    this.cDim = config.cDim;
    this.numWs = config.layers.length + 1;
    this.resolution = config.resolution;
    this.wAvg = weights.get('mapping.w_avg')?.data.slice();
    this.#map = mappingNetwork(bag, weights, config, this.numWs);
    this.#input = fourierInput(bag, weights, config);
    this.#layers = config.layers.map((layer) =>
      tidyLayer(stylegan3Layer(bag, weights, config, layer), coversSide(checkpointing, layer.size)),
    );
  }

  mapping(z: tf.Tensor2D, options: MappingOptions = {}): tf.Tensor3D {
    this.#bag.checkOpen('generator');
    return this.#map(z, options);
  }

  synthesis(ws: tf.Tensor3D, options: StyleGan3SynthesisOptions = {}): ImageTensor<'signed'> {
    return tf.tidy(() => {
      const image = [...this.activations(ws, options).values()].at(-1)!;
      return asImageTensor(tf.mul(image, this.config.outputScale) as tf.Tensor4D, 'signed');
    });
  }

  /** The features of the input and of every layer, NHWC, by name; the last one is the unscaled image. */
  activations(
    ws: tf.Tensor3D,
    { noise, transform, resolution = this.resolution }: StyleGan3SynthesisOptions = {},
  ): Map<string, tf.Tensor4D> {
    this.#bag.checkOpen('generator');
    checkResolution(resolution, this);
    if (ws.shape[1] !== this.numWs || ws.shape[2] !== this.wDim) {
      throw invalidOption('ws', `[${ws.shape}]`, `[N, ${this.numWs}, ${this.wDim}]`);
    }
    if (transform && transform.length !== 9)
      throw invalidOption('transform', transform, 'a matrix of 9 numbers');
    if (typeof noise === 'object' && Object.keys(noise).length > 0) {
      throw invalidOption(
        'noise',
        Object.keys(noise).join(', '),
        'left out: a StyleGAN3 generator takes no noise',
      );
    }
    const styles = tf.unstack(ws, 1) as tf.Tensor2D[];
    let x = this.#input(styles[0]!, transform);
    const features = new Map([['input', x]]);
    for (const [i, layer] of this.#layers.entries()) {
      x = layer(x, styles[i + 1]!);
      features.set(this.config.layers[i]!.name, x);
    }
    return features;
  }

  [Symbol.dispose](): void {
    this.#bag[Symbol.dispose]();
  }
}
