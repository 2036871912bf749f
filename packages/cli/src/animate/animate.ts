import {
  interpolate,
  type PreparedLook,
  type ProgressEvent,
  type ProjectedFrame,
  projectSequence,
  render,
} from '@faceanim/core';
import { type WrittenVideo, writeVideo } from '@faceanim/media';
import { FaceanimError } from '@faceanim/tensor';
import { readFrame } from '../run/finished-frames';
import { openRunFolder } from '../run/folder';
import type { RunFolder } from '../run/open-run';
import { withFlags } from '../run/same-run';
import { saveEach, saveFrame } from '../run/save-each';
import { counted } from '../terminal/counted';
import { inFile } from '../terminal/in-file';
import { finishAnimation } from './finish';
import type { AnimateHooks, RunHooks } from './hooks';
import { Observer } from './observe';
import { type OpenAnimation, openAnimation, planSequence } from './open-animation';
import type { AnimateOptions } from './options';
import { projectParts } from './parts';
import { backdropOf, pasted } from './paste-back';
import { photographWarning } from './photograph-warning';
import type { AnimateReport } from './report';
import { defaultInterpolation, moments, timesOf, videoRate } from './timing';

/**
 * Makes a look follow a driver: writes the animation, its contact sheet, loss curve and report.
 *
 * @throws {FaceanimError} as `planAnimation` and `projectSequence`.
 */
export async function animate(options: AnimateOptions, given: AnimateHooks = {}): Promise<AnimateReport> {
  const { signal, log = () => {}, command = '', resumeCommand = 'Add --resume.' } = given;
  const warnings: string[] = [];
  const warn = (line: string) => {
    // A driver that is read again says the same again.
    if (warnings.includes(line)) return;
    warnings.push(line);
    given.warn?.(line);
  };
  const watchLook = photographWarning(options, warn);
  const onProgress = (event: ProgressEvent) => {
    watchLook(event);
    given.onProgress?.(event);
  };
  const hooks = { signal, onProgress, log, warn };
  await using opened = await openAnimation(options, hooks);
  const { plan, backend, networks } = opened;
  await using run = await openRunFolder(plan.run, plan.record, options, warn);
  if (run.finished.length > 0)
    log(`Continuing after ${counted(run.finished.length, 'finished frame')} in ${run.path}`);
  const { look, sequence, msPerStep } = await planSequence(opened, options, run, hooks);

  const started = performance.now();
  const observer = new Observer(networks.landmarkNet, plan.driverClock, plan.frames);
  let kept = 0;
  const keep = async (frame: ProjectedFrame) => {
    await saveFrame(frame, run);
    kept++;
  };
  const keepFirstPass = (frame: ProjectedFrame) => {
    observer.firstPass(frame);
    return keep(frame);
  };
  // Parts that are joined are those of any run.
  const inParts = options.split !== undefined && (run.prepared || run.finished.length === 0);
  const frames = inParts
    ? projectParts(sequence, run, options, { record: plan.record, log, warn })
    : projectSequence({
        ...sequence,
        resume: run.finished,
        refine: options.refine && {
          onFrame: keepFirstPass,
          frames: { at: (index) => readFrame(run.path, index) },
        },
      });
  const saved = saveEach(observer.drivers(frames), run, options.refine ? undefined : keep);
  const written = await writeAnimation(saved, { ...opened, look, run, observer }, options, hooks).catch(
    (error) => {
      const done = Math.max(kept, run.finished.length);
      if (done > 0) {
        warn(`${run.path} keeps ${counted(done, 'finished frame')}. To continue:\n  ${resumeCommand}`);
      } else if (inParts) {
        warn(`${run.path} keeps what is finished. To continue:\n  ${resumeCommand}`);
      } else if (FaceanimError.isInstance(error, 'aborted')) {
        warn('No frame was finished: the same command begins again.');
      }
      return withFlags(inFile(error, options.driver));
    },
  );
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

/** Where the frames of an animation come from and go to. */
interface Drawing extends Pick<OpenAnimation, 'plan' | 'networks'> {
  readonly look: PreparedLook | undefined;
  readonly run: RunFolder;
  readonly observer: Observer;
}

/** Draws the frames of a run as they are finished, and writes the animation. */
async function writeAnimation(
  frames: AsyncIterable<ProjectedFrame>,
  { plan, networks, look, run, observer }: Drawing,
  options: AnimateOptions,
  { signal, onProgress, warn }: RunHooks,
): Promise<WrittenVideo> {
  const { clock, picture } = plan;
  const { out } = options;
  const backdrop = picture && options.pasteBack && look ? backdropOf(picture, look) : undefined;
  if (options.pasteBack && !backdrop) warn(`${options.look} was taken as it is: --paste-back does nothing.`);
  const reference = options.mode === 'reference';
  const drawn = () => moments(clock, options);
  const between = interpolate(frames, {
    times: timesOf(drawn()),
    method: options.interpolation ?? (reference ? 'linear' : defaultInterpolation(clock.fps)),
  });
  const images = render(between, networks.generator, {
    signal,
    onProgress,
    frames: plan.frames && count(drawn()),
    rounding: reference ? 'truncate' : 'round',
  });
  if (plan.isFolder) await run.owns(out);
  const results = atEnd(observer.results(images, drawn()), () => onProgress?.({ stage: 'write' }));
  return await run.write(out, (beforeRename) =>
    writeVideo(out, pasted(results, backdrop), {
      ...videoRate(clock, options),
      audio: plan.audio,
      aiGenerated: options.aiTag,
      overwrite: plan.replaceable.includes(out),
      beforeRename,
      signal,
      onWarning: warn,
    }),
  );
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
