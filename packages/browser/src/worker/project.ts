import { type ProjectedFrame, type RgbImage, render } from '@faceanim/core';
import type { Hooks, WorkerFrame } from '../options';
import type { Calls } from '../protocol/messages';
import { ofSavedRun } from '../saved/another-run';
import { openSavedFrames } from '../saved/saved-frames';
import { checkProject } from './check-project';
import { checkedRun, type Opened } from './checked-run';
import type { WorkerModels } from './models';

/** Runs a projection: reads its inputs, goes on after saved frames and saves new ones, and draws each frame. */
export async function* project(
  options: Calls['project']['options'],
  hooks: Hooks,
  opened: Opened,
): AsyncGenerator<WorkerFrame> {
  checkProject(options);
  const { saveAs, images = true, refine: given, ...rest } = options;
  const refine = given === true ? {} : given;
  const inputs = checkedRun({ ...rest, refine }, opened);
  await using saved = saveAs === undefined ? undefined : await openSavedFrames(saveAs);
  let finished = saved?.frames.length ?? 0;
  const save = async (frame: ProjectedFrame) => {
    if (!saved || frame.index < finished) return;
    await saved.save(frame);
    finished++;
  };
  const run = await inputs(hooks);
  const frames = opened.projector.project({
    ...run,
    resume: saved?.frames ?? run.resume,
    refine: refine && { ...refine, onFrame: save },
  });
  try {
    for await (const frame of frames) {
      // A run goes on after frames of the first pass, not after refined ones.
      if (!refine) await save(frame);
      yield images ? { ...frame, image: await imageOf(frame, opened.models, hooks) } : frame;
    }
  } catch (error) {
    if (saveAs === undefined) throw error;
    throw ofSavedRun(error, { name: saveAs, finished, resumeChanged: rest.resumeChanged });
  }
}

async function imageOf(
  latent: ProjectedFrame,
  { generator, backend }: WorkerModels,
  { signal }: Hooks,
): Promise<RgbImage | undefined> {
  for await (const image of render([latent], generator, { backend, signal })) return image;
  return undefined;
}
