import { FaceanimError } from '@faceanim/tensor';
import { describe, it } from 'vitest';
import { missingFixtures, missingShared } from '../../../tensor/test/support/shared';
import { type CheckpointSource, openCheckpoint } from '../../src/checkpoints';

/** A suite over fixtures; skipped, with the reason, if there are none. */
export function describeFixtures(name: string, files: readonly unknown[], body: () => void): void {
  describe.skipIf(files.length === 0)(files.length > 0 ? name : `${name}: ${missingShared}`, body);
}

/** A test that needs certain fixtures; skipped if any is missing, and says which. */
export function itNeeds(name: string, files: readonly string[], body: () => Promise<void>): void {
  const missing = missingFixtures(...files);
  it.skipIf(missing)(missing ? `${name}: ${missing}` : name, body);
}

/** Opens a checkpoint and reads everything in it. */
export async function readWhole(source: CheckpointSource): Promise<Map<string, Uint8Array>> {
  await using checkpoint = await openCheckpoint(source);
  const tensors = new Map<string, Uint8Array>();
  for (const name of checkpoint.tensors.keys()) tensors.set(name, (await checkpoint.readTensor(name)).data);
  return tensors;
}

/** The FaceanimError that a promise must reject with. */
export async function refusal(attempt: Promise<unknown>): Promise<FaceanimError> {
  try {
    await attempt;
  } catch (error) {
    if (FaceanimError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('was read');
}
