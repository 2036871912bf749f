import { FaceanimError, type Weights } from '@faceanim/tensor';
import { checkWeights, type WeightShapes, weightsMismatch } from '../../networks/check-weights';
import { ConfigValues, type InitKwargs } from '../../networks/config-values';

/** The configuration of StyleGAN2's discriminator, from its tensors and, where they leave it open, its kwargs. */
export interface DiscriminatorConfig {
  /** Resolutions of the blocks, from the image's down to 8; the epilogue works at 4. */
  readonly blocks: readonly number[];
  readonly cDim: number;
  readonly mappingLayers: number;
  readonly convClamp: number | undefined;
  /** Images over which the minibatch layer takes the standard deviation. */
  readonly groupSize: number;
}

/** Name of the network for people. */
export const network = 'a StyleGAN2 discriminator';

/**
 * Infers the configuration from the tensors and checks that all of them are present and fit.
 *
 * @throws FaceanimError `weights-mismatch`, also for kwargs of the wrong type
 */
export function readDiscriminatorConfig(
  weights: Weights,
  kwargs: InitKwargs,
  file: string | undefined,
): DiscriminatorConfig {
  const context = { network, file };
  const blocks = [...weights.keys()]
    .flatMap((name) => /^b(\d+)\.conv0\.weight$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
  const missing = ['b8.conv0.weight', 'b4.conv.weight'].filter((name) => !weights.has(name));
  for (let resolution = 16; resolution < (blocks[0] ?? 0); resolution *= 2) {
    if (!blocks.includes(resolution)) missing.push(`b${resolution}.conv0.weight`);
  }
  if (missing.length > 0) {
    throw weightsMismatch(
      context,
      missing.map((name) => `${name} is missing`),
    );
  }
  if (blocks.length > 1 && weights.has('b8.fromrgb.weight')) {
    throw new FaceanimError('weights-mismatch', `${network} of architecture skip is not supported.`, {
      file,
      hint: 'Use one of the architecture resnet, the default.',
    });
  }
  let mappingLayers = 0;
  while (weights.has(`mapping.fc${mappingLayers}.weight`)) mappingLayers++;
  const values = new ConfigValues(kwargs, context);
  values.expect('img_resolution', blocks[0]!);
  const config: DiscriminatorConfig = {
    blocks,
    cDim: weights.get('mapping.embed.weight')?.shape[1] ?? 0,
    mappingLayers,
    convClamp: values.number('conv_clamp', { above: 0 }),
    groupSize: values.part('epilogue_kwargs').number('mbstd_group_size', { whole: true, least: 1 }) ?? 4,
  };
  checkWeights(weights, shapes(weights, config), { ...context, ignore: /\bresample_filter$/ });
  return config;
}

/** Shapes of all parameters. */
function shapes(weights: Weights, { blocks, cDim, mappingLayers }: DiscriminatorConfig): WeightShapes {
  const all: Record<string, readonly number[]> = {};
  const width = (name: string) => weights.get(`${name}.weight`)?.shape[0] ?? 1;
  const conv = (name: string, inputs: number, kernel: number) => {
    all[`${name}.weight`] = [width(name), inputs, kernel, kernel];
    all[`${name}.bias`] = [width(name)];
    return width(name);
  };
  const layer = (name: string, inputs: number, outputs = width(name)) => {
    all[`${name}.weight`] = [outputs, inputs];
    all[`${name}.bias`] = [outputs];
    return outputs;
  };
  let channels = conv(`b${blocks[0]}.fromrgb`, 3, 1);
  for (const resolution of blocks) {
    const inner = conv(`b${resolution}.conv0`, channels, 3);
    const outer = conv(`b${resolution}.conv1`, inner, 3);
    all[`b${resolution}.skip.weight`] = [outer, channels, 1, 1];
    channels = outer;
  }
  const last = conv('b4.conv', channels + 1, 3);
  layer('b4.fc', last * 16);
  let labels = 1;
  if (cDim > 0) {
    labels = layer('mapping.embed', cDim);
    for (let i = 0; i < mappingLayers; i++) labels = layer(`mapping.fc${i}`, labels);
  }
  layer('b4.out', width('b4.fc'), labels);
  return all;
}
