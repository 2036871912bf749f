import type { ProjectedFrame } from '@faceanim/core';
import type { RunFolder } from './open-run';

/** Saves frames, collects them and passes them on. After the last one, all latents are saved in one file. */
export async function* saveEach<T extends ProjectedFrame>(
  frames: AsyncIterable<T> | Iterable<T>,
  run: RunFolder,
  into: T[],
): AsyncGenerator<T> {
  for await (const frame of frames) {
    if (frame.index >= run.finished.length) await run.save(frame);
    into.push(frame);
    yield frame;
  }
  // Before the animation is complete: a video encoder that fails must not cost the latents.
  await run.saveLatents(into);
}
