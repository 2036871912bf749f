import { interpolate, type RgbImage, render } from '@faceanim/core';
import type { Calls, Hooks } from '../protocol/messages';
import type { WorkerModels } from './models';

/** Draws latents, with sub-frames in between. */
export async function* draw(
  { latents, factor = 1, method }: Calls['render']['options'],
  { signal, onProgress }: Hooks,
  { generator, backend }: Pick<WorkerModels, 'backend' | 'generator'>,
): AsyncGenerator<RgbImage> {
  const frames = Math.max(0, (latents.length - 1) * factor + 1);
  yield* render(interpolate(latents, { factor, method }), generator, { backend, signal, onProgress, frames });
}
