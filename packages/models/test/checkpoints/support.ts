import { FaceanimError } from '@faceanim/tensor';
import { describe, it } from 'vitest';
import { missingFixtures, missingShared } from '../../../tensor/test/support/shared';
import { type CheckpointSource, openCheckpoint } from '../../src/checkpoints';

/** A suite over fixtures, skipped with the reason where there are none. */
export function describeFixtures(name: string, files: readonly unknown[], body: () => void): void {
  describe.skipIf(files.length === 0)(files.length > 0 ? name : `${name}: ${missingShared}`, body);
}

/** A test that needs files of the fixtures, by name; skipped where any is absent, saying which. */
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
