import { interpolate, type ProjectedFrame, projectSequence, render } from '@faceanim/core';
import { writeVideo } from '@faceanim/media';
import { openRunFolder } from '../run/folder';
import { readFrame } from '../run/record';
import { withFlags } from '../run/same-run';
import { saveEach, saveFrame } from '../run/save-each';
import { counted } from '../terminal/counted';
import { inFile } from '../terminal/in-file';
import { finishAnimation } from './finish';
import type { AnimateHooks } from './hooks';
import { Observer } from './observe';
import { openAnimation, planSequence } from './open-animation';
import type { AnimateOptions } from './options';
import { projectParts } from './parts';
import { backdropOf, pasted } from './paste-back';
import type { AnimateReport } from './report';
import { defaultInterpolation, moments, timesOf, videoRate } from './timing';

/**
 * Makes a look follow a driver: writes the animation, its contact sheet, loss curve and report.
 *
 * @throws {FaceanimError} as `planAnimation` and `projectSequence`.
 */
export async function animate(options: AnimateOptions, hooks: AnimateHooks = {}): Promise<AnimateReport> {
  const { signal, onProgress, log = () => {}, command = '', resumeCommand = 'Add --resume.' } = hooks;
  const warnings: string[] = [];
  const warn = (line: string) => {
    // A driver that is read again says the same again.
    if (warnings.includes(line)) return;
    warnings.push(line);
    hooks.warn?.(line);
  };
  const around = { signal, onProgress, log, warn };
  await using opened = await openAnimation(options, around);
  const { plan, backend, networks } = opened;
  const { frames, clock, picture } = plan;
  const { out } = options;
  await using run = await openRunFolder(plan.run, plan.record, options, warn);
  if (run.finished.length > 0)
    log(`Continuing after ${counted(run.finished.length, 'finished frame')} in ${run.path}`);
  const { look, sequence: toProject, msPerStep } = await planSequence(opened, options, run, around);
  const backdrop = picture && options.pasteBack && look ? backdropOf(picture, look) : undefined;
  if (options.pasteBack && !backdrop) warn(`${options.look} was taken as it is: --paste-back does nothing.`);

  const started = performance.now();
  let kept = 0;
  const keep = async (frame: ProjectedFrame) => {
    await saveFrame(frame, run);
    kept++;
  };
  const observer = new Observer(networks.landmarkNet, plan.driverClock, frames);
  const keepFirstPass = (frame: ProjectedFrame) => {
    observer.firstPass(frame);
    return keep(frame);
  };
  // Parts that are joined are those of any run.
  const inParts = options.split !== undefined && (run.prepared || run.finished.length === 0);
  const sequence = inParts
    ? projectParts(toProject, run, options, { record: plan.record, log, warn })
    : projectSequence({
        ...toProject,
        resume: run.finished,
        refine: options.refine && {
          onFrame: keepFirstPass,
          frames: { at: (index) => readFrame(run.path, index) },
        },
      });
  const saved = saveEach(observer.drivers(sequence), run, options.refine ? undefined : keep);
  const drawn = () => moments(clock, options);
  const reference = options.mode === 'reference';
  const usual = reference ? 'linear' : defaultInterpolation(clock.fps);
  const between = interpolate(saved, {
    times: timesOf(drawn()),
    method: options.interpolation ?? usual,
  });
  const images = render(between, networks.generator, {
    signal,
    onProgress,
    frames: frames && count(drawn()),
    rounding: reference ? 'truncate' : 'round',
  });
  if (plan.isFolder) await run.owns(out);
  const results = atEnd(observer.results(images, drawn()), () => onProgress?.({ stage: 'write' }));
  const written = await run
    .write(out, (beforeRename) =>
      writeVideo(out, pasted(results, backdrop), {
        ...videoRate(clock, options),
        audio: plan.audio,
        aiGenerated: options.aiTag,
        overwrite: plan.replaceable.includes(out),
        beforeRename,
        signal,
        onWarning: warn,
      }),
    )
    .catch((error) => {
      if (kept > 0) {
        const done = counted(kept, 'finished frame');
        warn(`${run.path} keeps ${done}. To continue:\n  ${resumeCommand}`);
      }
      return withFlags(inFile(error, options.driver));
    });
  const animation = {
    path: written.path,
    outputFrames: written.frames,
    ...{ observer, look, command, warnings, aiTag: options.aiTag },
    latents: run.latents,
    backend: backend.description,
    seconds: (performance.now() - started) / 1000,
    msPerStep: msPerStep(),
  };
  const report = await finishAnimation(animation, plan, run, warn);
  if (inParts) await run.forgetParts();
  return report;
}

function count(items: Iterable<unknown>): number {
  let length = 0;
  for (const _ of items) length++;
  return length;
}

/** Passes items on, and calls back when there are no more. */
async function* atEnd<T>(items: AsyncIterable<T>, callback: () => void): AsyncGenerator<T> {
  yield* items;
  callback();
}
