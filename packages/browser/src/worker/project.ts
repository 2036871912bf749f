import type { RefineOptions } from '@faceanim/core';
import { type ProjectedFrame, type Projector, type RgbImage, render } from '@faceanim/core';
import type { WorkerFrame, WorkerProjectOptions } from '../options';
import type { Calls, Hooks } from '../protocol/messages';
import { openSavedFrames } from '../saved/saved-frames';
import { checkProject } from './check-project';
import { framesOf, lookOf, watched } from './inputs';
import type { WorkerModels } from './models';
import { runOptions } from './run-options';

/** Runs a projection: reads its inputs, goes on after saved frames and saves new ones, and draws each frame. */
export async function* project(
  options: Calls['project']['options'],
  hooks: Hooks,
  models: WorkerModels,
  projector: Projector,
): AsyncGenerator<WorkerFrame> {
  checkProject(options);
  const { look, driver, read, saveAs, images = true, refine, ...run } = options;
  const chosen = runOptions(run, models, look !== undefined);
  await using saved = saveAs === undefined ? undefined : await openSavedFrames(saveAs);
  const save = async (frame: ProjectedFrame) => {
    if (saved && frame.index >= saved.frames.length) await saved.save(frame);
  };
  const frames = projector.project({
    ...chosen,
    look: look === undefined ? undefined : await lookOf(look, models, hooks),
    ...(await framesOf(driver, read, hooks)),
    resume: saved?.frames ?? chosen.resume,
    refine: refine && { ...optionsOf(refine), onFrame: save },
    ...watched(hooks),
    onProgress: hooks.onProgress,
  });
  for await (const frame of frames) {
    // A run goes on after frames of the first pass, not after refined ones.
    if (!refine) await save(frame);
    yield images ? { ...frame, image: await imageOf(frame, models, hooks) } : frame;
  }
}

function optionsOf(refine: NonNullable<WorkerProjectOptions['refine']>): RefineOptions {
  return typeof refine === 'object' ? refine : {};
}

async function imageOf(
  latent: ProjectedFrame,
  { generator, backend }: WorkerModels,
  { signal }: Hooks,
): Promise<RgbImage | undefined> {
  for await (const image of render([latent], generator, { backend, signal })) return image;
  return undefined;
}
