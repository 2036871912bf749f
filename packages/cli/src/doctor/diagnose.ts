import { openBackend } from '@faceanim/backend-node';
import { avatarPack } from '@faceanim/models';
import { type BackendName, FaceanimError } from '@faceanim/tensor';
import { measuredParts, measureIteration } from './measure-iteration';

/** What is known about one backend. */
export interface Diagnosis {
  readonly backend: BackendName;
  /** What it runs on, if it works. */
  readonly description?: string;
  /** Milliseconds of one iteration with the bundled networks. */
  readonly msPerIteration?: number;
  /** Why it does not work, and what to do about it. */
  readonly problem?: string;
  readonly fix?: string;
}

/** Opens a backend and measures it, or finds out why it does not work. */
export async function diagnose(
  { backend: prefer, allowSoftware }: { backend?: BackendName; allowSoftware?: boolean },
  signal: AbortSignal,
): Promise<Diagnosis> {
  try {
    await using backend = await openBackend({ prefer, allowSoftware, signal });
    using pack = await avatarPack({ only: measuredParts, signal });
    const msPerIteration = await measureIteration(pack, { iterations: 6, maxMs: 6000, signal });
    return { backend: backend.name, description: backend.description, msPerIteration };
  } catch (error) {
    if (!prefer || !FaceanimError.isInstance(error) || error.code === 'aborted') throw error;
    return { backend: prefer, problem: error.message, fix: error.hint };
  }
}
