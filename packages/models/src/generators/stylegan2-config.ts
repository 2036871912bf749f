import { FaceanimError, type Weights } from '@faceanim/core';
import { checkWeights, type WeightShapes, type WeightsContext, weightsMismatch } from '../check-weights';

/** How the blocks of a synthesis network come to an image. */
export type SynthesisArchitecture = 'orig' | 'skip' | 'resnet';

/** Everything that makes a StyleGAN2 generator, read from its tensors and, where they do not tell, its kwargs. */
export interface StyleGan2Config {
  readonly zDim: number;
  readonly wDim: number;
  readonly cDim: number;
  readonly resolution: number;
  readonly mappingLayers: number;
  /** Factor on the learning rate, and so on the stored weights, of the mapping. */
  readonly mappingLrMultiplier: number;
  readonly architecture: SynthesisArchitecture;
  /** Resolutions of the blocks: 4, 8, … */
  readonly blocks: readonly number[];
  /** Clips the activations to ±convClamp. */
  readonly convClamp: number | undefined;
}

/** Init kwargs of a network as a checkpoint holds them. */
export type InitKwargs = Readonly<Record<string, unknown>>;

const network = 'a StyleGAN2 generator';

/**
 * Infers the configuration from the tensors and checks that all of them are there and fit.
 *
 * @param kwargs init kwargs of the network (`synthesis_kwargs` apart or, as in the stylegan3 repository, directly)
 * @throws FaceanimError `weights-mismatch`
 */
export function readStyleGan2Config(
  weights: Weights,
  kwargs: InitKwargs = {},
  file?: string,
): StyleGan2Config {
  const context: WeightsContext = { network, file };
  const blocks = [...weights.keys()]
    .flatMap((name) => /^synthesis\.b(\d+)\.conv1\.weight$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  const size = (name: string, axis: number) => weights.get(name)?.shape[axis];
  const wDim = size('synthesis.b4.conv1.affine.weight', 1);
  const fc0Inputs = size('mapping.fc0.weight', 1);
  if (blocks.length === 0 || !wDim || !fc0Inputs) {
    const anchors = ['synthesis.b4.conv1.weight', 'synthesis.b4.conv1.affine.weight', 'mapping.fc0.weight'];
    const missing = anchors.filter((name) => !weights.has(name)).map((name) => `${name} is missing`);
    throw weightsMismatch(weights, context, missing);
  }
  const cDim = size('mapping.embed.weight', 1) ?? 0;
  let mappingLayers = 0;
  while (weights.has(`mapping.fc${mappingLayers}.weight`)) mappingLayers++;
  const option = optionReader(kwargs);
  const config: StyleGan2Config = {
    zDim: fc0Inputs - (cDim > 0 ? wDim : 0),
    wDim,
    cDim,
    resolution: blocks.at(-1)!,
    mappingLayers,
    mappingLrMultiplier: (option('mapping_kwargs', 'lr_multiplier') as number | undefined) ?? 0.01,
    architecture: weights.has('synthesis.b8.skip.weight')
      ? 'resnet'
      : blocks.length > 1 && !weights.has('synthesis.b4.torgb.weight')
        ? 'orig'
        : 'skip',
    blocks,
    convClamp: (option('synthesis_kwargs', 'conv_clamp') as number | null | undefined) ?? undefined,
  };
  for (const part of ['mapping_kwargs', 'synthesis_kwargs']) {
    const activation = option(part, 'activation') ?? 'lrelu';
    if (activation !== 'lrelu') {
      throw new FaceanimError(
        'weights-mismatch',
        `Activation ${String(activation)} of ${network} is not supported.`,
        {
          file,
          hint: 'Use a network with lrelu, the default of all published ones.',
        },
      );
    }
  }
  checkWeights(weights, shapes(weights, config), context);
  return config;
}

function optionReader(kwargs: InitKwargs): (part: string, name: string) => unknown {
  return (part, name) => (kwargs[part] as InitKwargs | undefined)?.[name] ?? kwargs[name];
}

/** Names and shapes of all parameters and buffers. */
function shapes(
  weights: Weights,
  { zDim, wDim, cDim, mappingLayers, architecture, blocks }: StyleGan2Config,
): WeightShapes {
  const all: Record<string, readonly number[]> = {};
  const dense = (name: string, outputs: number, inputs: number) => {
    all[`${name}.weight`] = [outputs, inputs];
    all[`${name}.bias`] = [outputs];
  };
  if (weights.has('mapping.w_avg')) all['mapping.w_avg'] = [wDim];
  if (cDim > 0) dense('mapping.embed', wDim, cDim);
  for (let i = 0; i < mappingLayers; i++) {
    const inputs =
      i === 0 ? zDim + (cDim > 0 ? wDim : 0) : weights.get(`mapping.fc${i - 1}.weight`)!.shape[0]!;
    const outputs = i === mappingLayers - 1 ? wDim : (weights.get(`mapping.fc${i}.weight`)?.shape[0] ?? wDim);
    dense(`mapping.fc${i}`, outputs, inputs);
  }
  const layer = (name: string, outputs: number, inputs: number, resolution: number) => {
    all[`${name}.weight`] = [outputs, inputs, 3, 3];
    all[`${name}.bias`] = [outputs];
    dense(`${name}.affine`, inputs, wDim);
    if (weights.has(`${name}.noise_strength`) || weights.has(`${name}.noise_const`)) {
      all[`${name}.noise_strength`] = [];
      all[`${name}.noise_const`] = [resolution, resolution];
    }
  };
  blocks.forEach((resolution, i) => {
    const name = `synthesis.b${resolution}`;
    const channels = weights.get(`${name}.conv1.weight`)!.shape[0]!;
    const before = i === 0 ? channels : weights.get(`synthesis.b${blocks[i - 1]}.conv1.weight`)!.shape[0]!;
    if (i === 0) all[`${name}.const`] = [channels, 4, 4];
    else layer(`${name}.conv0`, channels, before, resolution);
    layer(`${name}.conv1`, channels, channels, resolution);
    if (i > 0 && architecture === 'resnet') all[`${name}.skip.weight`] = [channels, before, 1, 1];
    if (architecture === 'skip' || i === blocks.length - 1) {
      all[`${name}.torgb.weight`] = [3, channels, 1, 1];
      all[`${name}.torgb.bias`] = [3];
      dense(`${name}.torgb.affine`, channels, wDim);
    }
  });
  // Copies of one filter in the buffers of most layers.
  for (const name of weights.keys()) {
    if (/^synthesis\.b\d+\.(\w+\.)?resample_filter$/.test(name)) all[name] = [4, 4];
  }
  return all;
}
