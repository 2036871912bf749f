import type { ProjectedFrame } from '@faceanim/core';
import type { RunFolder } from './open-run';

/** Saves a frame unless an earlier run has. */
export async function saveFrame(frame: ProjectedFrame, run: RunFolder): Promise<void> {
  if (frame.index >= run.finished.length) await run.save(frame);
}

/**
 * Collects the latents of frames, and passes the frames on. After the last one, all latents are saved in one file.
 *
 * @param keep Saves each frame. Absent for refined ones, which are not what a run continues from.
 */
export async function* saveEach<T extends ProjectedFrame>(
  frames: AsyncIterable<T> | Iterable<T>,
  run: RunFolder,
  keep?: (frame: T) => Promise<void>,
): AsyncGenerator<T> {
  for await (const frame of frames) {
    await keep?.(frame);
    await run.collect(frame);
    yield frame;
  }
  // Before the animation is complete: a video encoder that fails must not cost the latents.
  await run.saveLatents();
}
