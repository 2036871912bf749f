import type { PerceptualNet } from '@faceanim/core';
import { anything, checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import { type Checkpoint, type CheckpointSource, openCheckpoint } from '../checkpoints';
import { ConfigValues } from '../networks/config-values';
import { type LoadOptions, loadChecks } from '../networks/load-options';
import { createLpips, netCheck } from './lpips';
import { type LpipsNet, trunks } from './trunks';
import type { Trunk } from './trunks/trunk';

/** Options of {@link loadLpips}. */
export interface LoadLpipsOptions extends LoadOptions {
  /** The trunk that the files hold. */
  net: LpipsNet;
  /** Checkpoint of the trunk: torchvision's, or one that also holds the heads, such as NVIDIA's `vgg16.pt`. */
  trunk: CheckpointSource;
  /** Checkpoint of the heads, as lpips ships them. Default: the file of the trunk. */
  heads?: CheckpointSource;
}

const checks: OptionChecks<LoadLpipsOptions> = {
  ...loadChecks,
  net: netCheck,
  // Sources are checked where they are opened.
  trunk: anything,
  heads: anything,
};

/**
 * Loads LPIPS, a distance between images that agrees with human judgement, from checkpoints.
 *
 * @throws FaceanimError as {@link openCheckpoint} and {@link createLpips} do
 */
export async function loadLpips(given: LoadLpipsOptions): Promise<PerceptualNet> {
  checkOptions('loadLpips', given, checks, { required: ['net'] });
  const { net, trunk, heads, ...options } = given;
  await using checkpoint = await openCheckpoint(trunk, options);
  const stored = await checkpoint.read();
  const { rename }: Trunk = trunks[net];
  const weights = rename?.(stored) ?? stored;
  const epsilon = readEpsilon(checkpoint, net);
  if (heads === undefined) return createLpips(weights, weights, { net, epsilon, file: checkpoint.file });
  await using headsCheckpoint = await openCheckpoint(heads, options);
  return createLpips(weights, await headsCheckpoint.read(), { net, epsilon, file: checkpoint.file });
}

/** What keeps features from being divided by 0; the metadata of the student store it. */
function readEpsilon({ metadata, file }: Checkpoint, net: LpipsNet): number | undefined {
  const text = metadata.unit_eps;
  const value = text?.trim() && !Number.isNaN(Number(text)) ? Number(text) : text;
  return new ConfigValues({ unit_eps: value }, { network: `LPIPS (${net})`, file }).number('unit_eps', {
    above: 0,
  });
}
