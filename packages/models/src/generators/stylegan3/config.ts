import type { Weights } from '@faceanim/tensor';
import {
  checkWeights,
  type WeightShapes,
  type WeightsContext,
  weightsMismatch,
} from '../../networks/check-weights';
import { ConfigValues, type InitKwargs, type NumberRange } from '../../networks/config-values';
import {
  denseShapes,
  type MappingConfig,
  mappingShapes,
  readMappingConfig,
} from '../../stylegan/mapping-config';

/** One layer of a StyleGAN3 synthesis network. */
export interface StyleGan3Layer {
  /** Name in the checkpoint, `L{index}_{size}_{channels}`. */
  readonly name: string;
  /** Side of its input in pixels. */
  readonly inSize: number;
  /** Side of its output in pixels. */
  readonly size: number;
  /** Up-sampling factor before the leaky ReLU. */
  readonly up: number;
  /** Down-sampling factor after it. */
  readonly down: number;
  /** Whether it makes the image, without demodulation, filters and leaky ReLU. */
  readonly toRgb: boolean;
}

/** The configuration of a StyleGAN3 generator, from its tensors and, where they leave it open, its kwargs. */
export interface StyleGan3Config extends MappingConfig {
  readonly resolution: number;
  /** The Fourier features at the input: side in pixels, samples per unit, highest frequency. */
  readonly input: { readonly size: number; readonly samplingRate: number; readonly bandwidth: number };
  readonly layers: readonly StyleGan3Layer[];
  /** Clips activations to ±convClamp. */
  readonly convClamp: number | undefined;
  /** Multiplies the image. */
  readonly outputScale: number;
}

/** Name of the network for people. */
export const network = 'a StyleGAN3 generator';

/** Init kwargs that cannot be read from the tensors, with the defaults of the stylegan3 repository. */
const defaults = {
  num_critical: 2,
  first_cutoff: 2,
  first_stopband: 2 ** 2.1,
  last_stopband_rel: 2 ** 0.3,
  margin_size: 10,
  output_scale: 0.25,
  filter_size: 6,
  lrelu_upsampling: 2,
};

/** The values they may have. */
const ranges: Record<keyof typeof defaults, NumberRange> = {
  num_critical: { whole: true, least: 0 },
  first_cutoff: { above: 0 },
  first_stopband: { above: 0 },
  last_stopband_rel: { above: 0 },
  margin_size: { whole: true, least: 0 },
  output_scale: {},
  filter_size: { whole: true, least: 1 },
  lrelu_upsampling: { whole: true, least: 1 },
};

/**
 * Infers the configuration (StyleGAN3-T or -R, any size and width) from the tensors and the kwargs, and checks that
 * all tensors are present and fit.
 *
 * @throws FaceanimError `weights-mismatch`, also for kwargs of the wrong type
 */
export function readStyleGan3Config(
  weights: Weights,
  kwargs: InitKwargs = {},
  file?: string,
): StyleGan3Config {
  const context: WeightsContext = { network, file };
  const values = new ConfigValues(kwargs, context);
  const names = layerNames(weights);
  const wDim = weights.get('synthesis.input.affine.weight')?.shape[1];
  const mapping = wDim ? readMappingConfig(weights, values, wDim) : undefined;
  if (names.length < 2 || !mapping) {
    const anchors = ['synthesis.input.affine.weight', 'mapping.fc0.weight'];
    const missing = anchors.filter((name) => !weights.has(name)).map((name) => `${name} is missing`);
    throw weightsMismatch(context, [
      ...missing,
      ...(names.length < 2 ? ['there are no layers synthesis.L0_*, synthesis.L1_*, …'] : []),
    ]);
  }
  const gaps = names.filter((name, i) => !name.startsWith(`L${i}_`));
  if (gaps.length > 0) {
    const first = names.indexOf(gaps[0]!);
    throw weightsMismatch(context, [`synthesis.L${first}_* is missing before synthesis.${gaps[0]}`]);
  }
  const option = (name: string) => values.partWith('synthesis_kwargs', name);
  const options = { ...defaults };
  for (const name of Object.keys(defaults) as (keyof typeof defaults)[]) {
    options[name] = option(name).number(name, ranges[name]) ?? defaults[name];
  }
  const clamp = option('conv_clamp');
  const sizes = names.map((name) => Number(name.split('_')[1]));
  const resolution = sizes.at(-1)!;
  values.expect('img_resolution', resolution);
  values.expect('img_channels', 3);
  // num_layers leaves out the layer that makes the image.
  option('num_layers').expect('num_layers', names.length - 1);
  const rates = samplingRates(names.length - 1, resolution, options);
  const inputSize = rates[0]! + 2 * options.margin_size;
  const config: StyleGan3Config = {
    ...mapping,
    resolution,
    input: { size: inputSize, samplingRate: rates[0]!, bandwidth: options.first_cutoff },
    layers: names.map((name, i) => {
      const before = Math.max(i - 1, 0);
      const toRgb = i === names.length - 1;
      const between = Math.max(rates[before]!, rates[i]!) * (toRgb ? 1 : options.lrelu_upsampling);
      return {
        name,
        inSize: i === 0 ? inputSize : sizes[before]!,
        size: sizes[i]!,
        up: between / rates[before]!,
        down: between / rates[i]!,
        toRgb,
      };
    }),
    convClamp: clamp.number('conv_clamp', { above: 0 }) ?? (clamp.has('conv_clamp') ? undefined : 256),
    outputScale: options.output_scale,
  };
  // The last two layers have no margin.
  const expected = names.map((_, i) =>
    i < names.length - 2 ? rates[i]! + 2 * options.margin_size : resolution,
  );
  const strange = names.filter((_, i) => sizes[i] !== expected[i]);
  if (strange.length > 0) {
    const sizes = expected.join(', ');
    throw weightsMismatch(context, [
      `the layers ${strange.join(', ')} are not of the sizes ${sizes} that follow from the config of the network`,
    ]);
  }
  checkWeights(weights, shapes(weights, config, options.filter_size), context);
  return config;
}

/** Names of the layers, in order. */
function layerNames(weights: Weights): string[] {
  const index = (name: string) => Number.parseInt(name.slice(1), 10);
  return [...weights.keys()]
    .flatMap((name) => /^synthesis\.(L\d+_\d+_\d+)\.weight$/.exec(name)?.[1] ?? [])
    .sort((a, b) => index(a) - index(b));
}

/**
 * Samples per unit of each layer: stop-bands grow geometrically up to the critically sampled layers at the end, and each
 * rate is the power of 2 that holds its stop-band.
 */
function samplingRates(last: number, resolution: number, options: typeof defaults): number[] {
  const { num_critical, first_stopband, last_stopband_rel } = options;
  const lastStopband = (resolution / 2) * last_stopband_rel;
  return Array.from({ length: last + 1 }, (_, i) => {
    const exponent = Math.min(i / (last - num_critical), 1);
    const stopband = first_stopband * (lastStopband / first_stopband) ** exponent;
    return 2 ** Math.ceil(Math.log2(Math.min(2 * stopband, resolution)));
  });
}

/** Shapes of all parameters and buffers. */
function shapes(weights: Weights, config: StyleGan3Config, filterSize: number): WeightShapes {
  const { wDim, layers } = config;
  const channelsOf = (name: string, axis: number) => weights.get(`synthesis.${name}`)?.shape[axis] ?? 1;
  let inputs = channelsOf('input.weight', 0);
  const all: Record<string, readonly number[]> = {
    ...mappingShapes(weights, config),
    'synthesis.input.weight': [inputs, inputs],
    'synthesis.input.transform': [3, 3],
    'synthesis.input.freqs': [inputs, 2],
    'synthesis.input.phases': [inputs],
    ...denseShapes('synthesis.input.affine', 4, wDim),
  };
  for (const { name, up, down, toRgb } of layers) {
    // The number of channels is part of the name.
    const outputs = toRgb ? 3 : Number(name.split('_')[2]);
    const kernel = channelsOf(`${name}.weight`, 2);
    const layer = `synthesis.${name}`;
    all[`${layer}.weight`] = [outputs, inputs, kernel, kernel];
    all[`${layer}.bias`] = [outputs];
    all[`${layer}.magnitude_ema`] = [];
    Object.assign(all, denseShapes(`${layer}.affine`, inputs, wDim));
    if (up > 1) all[`${layer}.up_filter`] = [up * filterSize];
    // StyleGAN3-R has radially symmetric low-pass filters, which are not separable.
    const radial = weights.get(`${layer}.down_filter`)?.shape.length === 2;
    const taps = down * filterSize;
    if (down > 1) all[`${layer}.down_filter`] = radial ? [taps, taps] : [taps];
    inputs = outputs;
  }
  return all;
}
