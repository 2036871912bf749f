import { FaceanimError } from '@faceanim/core';
import { type CheckpointSource, openCheckpoint } from '../../src/checkpoints';

/** Opens a checkpoint and reads everything in it. */
export async function readWhole(source: CheckpointSource): Promise<Map<string, Uint8Array>> {
  await using checkpoint = await openCheckpoint(source);
  const tensors = new Map<string, Uint8Array>();
  for (const name of checkpoint.tensors.keys()) tensors.set(name, (await checkpoint.readTensor(name)).data);
  return tensors;
}

/** The typed error of a promise that must fail; any other outcome fails the test. */
export async function refusal(attempt: Promise<unknown>): Promise<FaceanimError> {
  try {
    await attempt;
  } catch (error) {
    if (FaceanimError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('was read');
}
