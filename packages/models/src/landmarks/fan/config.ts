import { invalidOption, type Weights } from '@faceanim/tensor';
import { checkWeights, type WeightShapes, weightsMismatch } from '../../networks/check-weights';

/** The configuration of a FAN, read from its tensors. */
export interface FanConfig {
  /** Hourglass modules in the file. */
  readonly storedModules: number;
  /** Hourglass modules that run. */
  readonly modules: number;
  /** Channels of the hourglasses, 256 in the published networks. */
  readonly channels: number;
  /** Number of landmarks. */
  readonly points: number;
}

/** Name of the network for people. */
export const network = 'FAN';

/** Levels of each hourglass. */
export const fanDepth = 4;

/**
 * Infers the configuration from the tensors and checks that all of them are present and fit.
 *
 * @param modules how many modules to run; all by default
 * @throws FaceanimError `weights-mismatch`, or `invalid-option` if the file has fewer modules
 */
export function readFanConfig(weights: Weights, modules?: number, file?: string): FanConfig {
  const context = { network, file, ignore: /\bnum_batches_tracked$/ };
  let storedModules = 0;
  while (weights.has(`m${storedModules}.b1_1.conv1.weight`)) storedModules++;
  const channels = weights.get('bl0.weight')?.shape[0] ?? weights.get('conv_last0.weight')?.shape[0];
  const points = weights.get('l0.weight')?.shape[0];
  if (storedModules === 0 || !channels || !points) {
    const anchors = ['m0.b1_1.conv1.weight', 'conv_last0.weight', 'l0.weight'];
    throw weightsMismatch(
      context,
      anchors.filter((name) => !weights.has(name)).map((name) => `${name} is missing`),
    );
  }
  if (modules !== undefined && !(Number.isInteger(modules) && modules >= 1 && modules <= storedModules)) {
    throw invalidOption(
      'modules',
      modules,
      `a whole number from 1 to ${storedModules}, the modules of the file`,
    );
  }
  checkWeights(weights, shapes(storedModules, channels, points), context);
  return { storedModules, modules: modules ?? storedModules, channels, points };
}

function shapes(modules: number, channels: number, points: number): WeightShapes {
  const all: Record<string, readonly number[]> = {};
  const conv = (name: string, outputs: number, inputs: number, kernel = 1) => {
    all[`${name}.weight`] = [outputs, inputs, kernel, kernel];
    all[`${name}.bias`] = [outputs];
  };
  const norm = (name: string, width: number) => {
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) all[`${name}.${part}`] = [width];
  };
  const block = (name: string, inputs: number, outputs: number) => {
    const widths = [inputs, outputs / 2, outputs / 4];
    for (const [i, width] of widths.entries()) {
      norm(`${name}.bn${i + 1}`, width);
      all[`${name}.conv${i + 1}.weight`] = [i === 0 ? outputs / 2 : outputs / 4, width, 3, 3];
    }
    if (inputs === outputs) return;
    norm(`${name}.downsample.0`, inputs);
    all[`${name}.downsample.2.weight`] = [outputs, inputs, 1, 1];
  };
  conv('conv1', channels / 4, 3, 7);
  norm('bn1', channels / 4);
  block('conv2', channels / 4, channels / 2);
  block('conv3', channels / 2, channels / 2);
  block('conv4', channels / 2, channels);
  for (let i = 0; i < modules; i++) {
    for (let level = fanDepth; level >= 1; level--) {
      for (const branch of ['b1', 'b2', 'b3']) block(`m${i}.${branch}_${level}`, channels, channels);
    }
    block(`m${i}.b2_plus_1`, channels, channels);
    block(`top_m_${i}`, channels, channels);
    conv(`conv_last${i}`, channels, channels);
    norm(`bn_end${i}`, channels);
    conv(`l${i}`, points, channels);
    if (i === modules - 1) continue;
    conv(`bl${i}`, channels, channels);
    conv(`al${i}`, channels, points);
  }
  return all;
}
