import { interpolate, type RgbImage, render } from '@faceanim/core';
import {
  accepting,
  anything,
  checkOptions,
  type OptionChecks,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import type { Hooks } from '../options';
import type { Calls } from '../protocol/messages';
import type { WorkerModels } from './models';

type DrawOptions = Calls['render']['options'];

const drawChecks: OptionChecks<DrawOptions> = {
  latents: accepting('a list of latents', Array.isArray),
  factor: wholeNumberFrom(1),
  // interpolate() checks it.
  method: anything,
};

/** Refuses options of `render` that it does not know; `more` are those of a call that takes others too. */
export function checkDrawing<Options extends DrawOptions>(
  call: string,
  options: Options,
  more: Omit<OptionChecks<Options>, keyof DrawOptions>,
): void {
  checkOptions<DrawOptions>(call, options, { ...drawChecks, ...more }, { required: ['latents'] });
}

/** Draws latents, with sub-frames in between. */
export async function* draw(
  { latents, factor = 1, method }: DrawOptions,
  { signal, onProgress }: Hooks,
  { generator, backend }: Pick<WorkerModels, 'backend' | 'generator'>,
): AsyncGenerator<RgbImage> {
  const frames = Math.max(0, (latents.length - 1) * factor + 1);
  yield* render(interpolate(latents, { factor, method }), generator, { backend, signal, onProgress, frames });
}
