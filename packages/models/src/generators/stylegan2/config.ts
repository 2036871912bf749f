import { FaceanimError, type Weights } from '@faceanim/tensor';
import {
  checkWeights,
  type WeightShapes,
  type WeightsContext,
  weightsMismatch,
} from '../../networks/check-weights';
import { ConfigValues, type InitKwargs } from '../../networks/config-values';
import {
  denseShapes,
  type MappingConfig,
  mappingShapes,
  readMappingConfig,
} from '../../stylegan/mapping-config';

/** How the blocks of a synthesis network make up the image. */
export type SynthesisArchitecture = 'orig' | 'skip' | 'resnet';

/** The configuration of a StyleGAN2 generator, from its tensors and, where they leave it open, its kwargs. */
export interface StyleGan2Config extends MappingConfig {
  readonly resolution: number;
  readonly architecture: SynthesisArchitecture;
  /** Resolutions of the blocks: 4, 8, … */
  readonly blocks: readonly number[];
  /** Clips activations to ±convClamp. */
  readonly convClamp: number | undefined;
}

/** Name of the network for people. */
export const network = 'a StyleGAN2 generator';

/**
 * Infers the configuration from the tensors and checks that all of them are present and fit.
 *
 * @param kwargs init kwargs of the network; those of the synthesis under `synthesis_kwargs` or, as in the stylegan3
 * repository, beside the others
 * @throws FaceanimError `weights-mismatch`, also for kwargs of the wrong type
 */
export function readStyleGan2Config(
  weights: Weights,
  kwargs: InitKwargs = {},
  file?: string,
): StyleGan2Config {
  const context: WeightsContext = { network, file };
  const values = new ConfigValues(kwargs, context);
  const blocks = [...weights.keys()]
    .flatMap((name) => /^synthesis\.b(\d+)\.conv1\.weight$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  const wDim = weights.get('synthesis.b4.conv1.affine.weight')?.shape[1];
  const mapping = wDim ? readMappingConfig(weights, values, wDim) : undefined;
  if (blocks.length === 0 || !mapping) {
    const anchors = ['synthesis.b4.conv1.weight', 'synthesis.b4.conv1.affine.weight', 'mapping.fc0.weight'];
    const missing = anchors.filter((name) => !weights.has(name)).map((name) => `${name} is missing`);
    throw weightsMismatch(context, missing);
  }
  const gaps = missingBlocks(blocks);
  if (gaps.length > 0) throw weightsMismatch(context, gaps);
  values.expect('img_resolution', blocks.at(-1)!);
  values.expect('img_channels', 3);
  const option = (name: string) => values.partWith('synthesis_kwargs', name);
  const config: StyleGan2Config = {
    ...mapping,
    resolution: blocks.at(-1)!,
    architecture: weights.has('synthesis.b8.skip.weight')
      ? 'resnet'
      : blocks.length > 1 && !weights.has('synthesis.b4.torgb.weight')
        ? 'orig'
        : 'skip',
    blocks,
    convClamp: option('conv_clamp').number('conv_clamp', { above: 0 }),
  };
  for (const part of [values.part('mapping_kwargs'), option('activation')]) {
    const activation = part.text('activation') ?? 'lrelu';
    if (activation !== 'lrelu') {
      throw new FaceanimError(
        'weights-mismatch',
        `Activation ${activation} of ${network} is not supported.`,
        {
          file,
          hint: 'Use a network with lrelu, as all published ones have.',
        },
      );
    }
  }
  checkWeights(weights, shapes(weights, config), context);
  return config;
}

/** What is wrong with the sizes of the blocks, which double from 4 on. */
function missingBlocks(blocks: readonly number[]): string[] {
  const last = blocks.at(-1)!;
  const expected: number[] = [];
  for (let resolution = 4; resolution <= last; resolution *= 2) expected.push(resolution);
  return [
    ...expected
      .filter((resolution) => !blocks.includes(resolution))
      .map((resolution) => `synthesis.b${resolution} is missing`),
    ...blocks
      .filter((resolution) => !expected.includes(resolution))
      .map((resolution) => `synthesis.b${resolution} is of no size 4, 8, 16, …`),
  ];
}

/** Shapes of all parameters and buffers. */
function shapes(weights: Weights, config: StyleGan2Config): WeightShapes {
  const { wDim, architecture, blocks } = config;
  // Either every layer has noise or none does.
  const noisy = [...weights.keys()].some((name) => /\.noise_(strength|const)$/.test(name));
  const all: Record<string, readonly number[]> = { ...mappingShapes(weights, config) };
  const dense = (name: string, outputs: number, inputs: number) =>
    Object.assign(all, denseShapes(name, outputs, inputs));
  const layer = (name: string, outputs: number, inputs: number, resolution: number) => {
    all[`${name}.weight`] = [outputs, inputs, 3, 3];
    all[`${name}.bias`] = [outputs];
    dense(`${name}.affine`, inputs, wDim);
    if (noisy) {
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
  // Most layers store a copy of the same filter.
  for (const name of weights.keys()) {
    if (/^synthesis\.b\d+\.(\w+\.)?resample_filter$/.test(name)) all[name] = [4, 4];
  }
  return all;
}
