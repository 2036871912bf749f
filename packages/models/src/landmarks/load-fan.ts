import type { LandmarkNet, OnProgress } from '@faceanim/core';
import {
  aFunction,
  anAbortSignal,
  checkOptions,
  type OptionChecks,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import { type CheckpointSource, openCheckpoint } from '../checkpoints';
import { createFan } from './fan';

/** Options of {@link loadFan}. */
export interface LoadFanOptions {
  /** Number of hourglass modules to run, from the first. Default all. */
  modules?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

const checks: OptionChecks<LoadFanOptions> = {
  modules: wholeNumberFrom(1),
  signal: anAbortSignal,
  onProgress: aFunction,
};

/**
 * Reads a FAN from a checkpoint: face-alignment's 2DFAN4 in any of its containers, or another one of its kind.
 *
 * @throws FaceanimError as {@link openCheckpoint} and {@link createFan} do
 */
export async function loadFan(source: CheckpointSource, options: LoadFanOptions = {}): Promise<LandmarkNet> {
  checkOptions('loadFan', options, checks);
  const { modules, ...reading } = options;
  await using checkpoint = await openCheckpoint(source, reading);
  return createFan(await checkpoint.read(), { modules, file: checkpoint.file });
}
