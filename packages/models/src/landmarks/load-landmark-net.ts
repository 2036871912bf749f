import type { LandmarkNet } from '@faceanim/core';
import type { Weights } from '@faceanim/tensor';
import { checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import { type CheckpointSource, openCheckpoint } from '../checkpoints';
import { chooseArchitecture } from '../networks/known-architectures';
import { type LoadOptions, loadChecks } from '../networks/load-options';
import { readNetwork } from '../networks/read-network';
import { type CreateLandmarkNetOptions, landmarkNetChecks } from './architecture';
import { landmarkNets } from './architectures';

/**
 * Builds a landmark network from weights in memory: a FAN of any width and number of modules, with the tensor names of
 * face-alignment.
 *
 * @throws FaceanimError `weights-mismatch` if the tensors are not those of such a network, `invalid-option` for `modules`
 */
export function createLandmarkNet(weights: Weights, options: CreateLandmarkNetOptions = {}): LandmarkNet {
  checkOptions('createLandmarkNet', options, landmarkNetChecks);
  return chooseArchitecture('a landmark network', landmarkNets, weights, options.file).create(
    weights,
    options,
  );
}

/** Options of {@link loadLandmarkNet}. */
export interface LoadLandmarkNetOptions extends LoadOptions, Omit<CreateLandmarkNetOptions, 'file'> {}

const { modules, groups } = landmarkNetChecks;
const checks: OptionChecks<LoadLandmarkNetOptions> = { ...loadChecks, modules, groups };

/**
 * Loads a landmark network from a checkpoint: face-alignment's 2DFAN4 in any of its containers, or another FAN. It may be
 * part of a larger checkpoint.
 *
 * @throws FaceanimError as {@link openCheckpoint} and {@link createLandmarkNet} do
 */
export async function loadLandmarkNet(
  source: CheckpointSource,
  options: LoadLandmarkNetOptions = {},
): Promise<LandmarkNet> {
  checkOptions('loadLandmarkNet', options, checks);
  const { modules, groups, ...reading } = options;
  await using checkpoint = await openCheckpoint(source, reading);
  const { architecture, weights } = await readNetwork('a landmark network', landmarkNets, checkpoint);
  return architecture.create(weights, { modules, groups, file: checkpoint.file });
}
