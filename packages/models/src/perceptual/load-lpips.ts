import type { OnProgress } from '@faceanim/core';
import {
  aFunction,
  anAbortSignal,
  anything,
  checkOptions,
  type OptionChecks,
} from '@faceanim/tensor/options';
import { type Checkpoint, type CheckpointSource, openCheckpoint } from '../checkpoints';
import { ConfigValues } from '../config-values';
import { createLpips, type LpipsNet, type LpipsNetwork, netCheck } from './lpips';
import { torchvisionVggNames } from './vgg-names';

/** Options of {@link loadLpips}. */
export interface LoadLpipsOptions {
  /** Which trunk the files are of. */
  net: LpipsNet;
  /** Checkpoint of the trunk: torchvision's, or one that holds the heads as well, such as NVIDIA's `vgg16.pt`. */
  trunk: CheckpointSource;
  /** Checkpoint of the heads, as lpips ships them. Default: in the file of the trunk. */
  heads?: CheckpointSource;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

const checks: OptionChecks<LoadLpipsOptions> = {
  net: netCheck,
  // Sources are checked where they are opened.
  trunk: anything,
  heads: anything,
  signal: anAbortSignal,
  onProgress: aFunction,
};

/**
 * Reads an LPIPS network from checkpoints.
 *
 * @throws FaceanimError as {@link openCheckpoint} and {@link createLpips} do
 */
export async function loadLpips(given: LoadLpipsOptions): Promise<LpipsNetwork> {
  checkOptions('loadLpips', given, checks);
  checks.net(given.net, 'net');
  const { net, trunk, heads, ...options } = given;
  await using checkpoint = await openCheckpoint(trunk, options);
  const stored = await checkpoint.read();
  const weights = net === 'vgg' ? torchvisionVggNames(stored) : stored;
  const epsilon = readEpsilon(checkpoint, net);
  if (heads === undefined) return createLpips(weights, weights, { net, epsilon, file: checkpoint.file });
  await using headsCheckpoint = await openCheckpoint(heads, options);
  return createLpips(weights, await headsCheckpoint.read(), { net, epsilon, file: checkpoint.file });
}

/** What keeps features from being divided by 0, as the metadata of our student have it. */
function readEpsilon({ metadata, file }: Checkpoint, net: LpipsNet): number | undefined {
  const text = metadata.unit_eps;
  const value = text?.trim() && !Number.isNaN(Number(text)) ? Number(text) : text;
  return new ConfigValues({ unit_eps: value }, { network: `LPIPS (${net})`, file }).number('unit_eps', {
    above: 0,
  });
}
