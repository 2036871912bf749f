import { countLeaks } from '@faceanim/tensor/testing';
import type { ProjectedFrame } from '../contracts/frames';
import { decodeFrame, encodeFrame } from '../latents/frame-file';
import type { Optimizer } from '../optimizers/optimizer';
import { tinyRun } from './tiny-run';

/** What {@link checkOptimizer} found. */
export interface OptimizerCheck {
  /** The loss after frame 0, relative to that before its first step: below 1 if the optimizer improves it. */
  readonly progress: number;
  /** Whether a run continued after its first two frames, which were saved and read again, ends with the same latents. */
  readonly resumes: boolean;
  /** Tensors left behind. */
  readonly leaked: number;
}

/**
 * Runs an optimizer on three small frames with tiny networks. Throws what breaks the contract of {@link Optimizer}, and returns
 * what only its author can judge.
 *
 * @example
 * const { progress, resumes, leaked } = await checkOptimizer(momentum());
 *
 * @throws {FaceanimError} `invalid-option` for missing members, and for parameters or state of other names or shapes;
 *   `diverged`.
 */
export async function checkOptimizer(optimizer: Optimizer): Promise<OptimizerCheck> {
  let found!: Omit<OptimizerCheck, 'leaked'>;
  const leaked = await countLeaks(async () => {
    const whole = await framesOf(optimizer);
    const saved = whole.slice(0, 2).map((frame) => decodeFrame(encodeFrame(frame)));
    const resumed = await framesOf(optimizer, saved);
    const { losses, history } = whole[0]!;
    found = {
      progress: losses.total! / history[0]!.total,
      resumes: whole.every(({ latent }, i) => latent.data.every((x, k) => x === resumed[i]!.latent.data[k])),
    };
  });
  return { ...found, leaked };
}

async function framesOf(optimizer: Optimizer, resume?: readonly ProjectedFrame[]) {
  const { frames, error } = await tinyRun(3, { optimizer, resume });
  if (error) throw error;
  return frames;
}
