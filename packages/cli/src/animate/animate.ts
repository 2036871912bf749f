import { openBackend } from '@faceanim/backend-node';
import { interpolate, type ProjectedFrame, projectSequence, render } from '@faceanim/core';
import { writeVideo } from '@faceanim/media';
import { fitLatents } from '@faceanim/models';
import { withinLimit } from '../limits/limits';
import { drawnFacesWarning } from '../networks/drawn-faces-warning';
import { openNetworks } from '../networks/networks';
import { openRunFolder } from '../run/folder';
import { withFlags } from '../run/same-run';
import { saveEach, saveFrame } from '../run/save-each';
import { counted } from '../terminal/counted';
import { inFile, warningsOf } from '../terminal/in-file';
import type { Reporter } from '../terminal/reporter';
import { estimator, expectation } from './estimate';
import { finishAnimation } from './finish';
import { lookOf, readLook } from './look';
import { type ObservedFrame, Observer } from './observe';
import type { AnimateOptions } from './options';
import { backdropOf, pasted } from './paste-back';
import { planAnimation } from './plan';
import type { AnimateReport } from './report';
import { networksOf, sequenceOptions, targetOf } from './sequence';
import { moments, timesOf, videoRate } from './timing';

/** How a run is stopped, watched and told about. */
export interface AnimateHooks {
  signal?: AbortSignal;
  onProgress?: Reporter['progress'];
  log?: (line: string) => void;
  /** Gets what the user must know, `log` what is nice to know. */
  warn?: (line: string) => void;
  /** The command line that started the run, for its report. */
  command?: string;
  /** The command line that resumes the run. */
  resumeCommand?: string;
}

/**
 * Makes a look follow a driver: writes the animation, its contact sheet, loss curve and report.
 *
 * @throws {FaceanimError} as `planAnimation` and `projectSequence`.
 */
export async function animate(options: AnimateOptions, hooks: AnimateHooks = {}): Promise<AnimateReport> {
  const { signal, onProgress, log = () => {}, command = '', resumeCommand = 'Add --resume.' } = hooks;
  const warnings: string[] = [];
  const warn = (line: string) => {
    warnings.push(line);
    hooks.warn?.(line);
  };
  const plan = await planAnimation(options, signal);
  const { frames, clock } = plan;
  if (plan.driver.info.frames === 1) warn(`${options.driver} has one frame, and so has the animation.`);
  const { out, every = 1, start } = options;
  const picture = options.look === undefined ? undefined : await readLook(options.look);
  await using backend = await openBackend({
    prefer: options.backend,
    allowSoftware: options.allowSoftware,
    threads: options.threads,
    signal,
    onProgress,
  });
  log(`Backend: ${backend.description}`);
  using networks = await openNetworks(options, { only: networksOf(options), signal, onProgress });
  const warning = drawnFacesWarning(options);
  if (warning) warn(warning);
  const initial = plan.initial && fitLatents(plan.initial, networks.generator);
  if (initial && initial.length > 1) log(`Frame 0 starts at the first of ${initial.length} latents.`);
  await using run = await openRunFolder(plan.run, plan.record, options, warn);
  if (run.finished.length > 0)
    log(`Continuing after ${counted(run.finished.length, 'finished frame')} in ${run.path}`);
  const look = picture && (await lookOf(picture, options, run, networks, { signal, onWarning: warn }));
  const backdrop = options.pasteBack && look ? backdropOf(picture, look) : undefined;
  if (options.pasteBack && !backdrop) warn(`${options.look} was taken as it is: --paste-back does nothing.`);

  const { generator, landmarkNet } = networks;
  const { resolution } = generator;
  const expected = expectation(backend, resolution);
  if (expected) log(expected);
  const estimate = estimator(backend, resolution, options);
  let msPerStep: number | undefined;
  const started = performance.now();
  const projected: ObservedFrame[] = [];
  let kept = 0;
  const keep = async (frame: ProjectedFrame) => {
    await saveFrame(frame, run);
    kept++;
  };
  const observer = new Observer(landmarkNet, plan.driverClock, frames);
  const keepFirstPass = (frame: ProjectedFrame) => {
    observer.firstPass(frame);
    return keep(frame);
  };
  const sequence = projectSequence({
    generator,
    landmarkNet,
    ...sequenceOptions(options, networks),
    backend,
    look,
    target: await targetOf(options, networks, { signal, onWarning: warn }),
    initial: initial?.[0],
    driver: withinLimit(
      plan.driver.frames({ limit: plan.read, start, timing: 'source', signal, onWarning: warn }),
      { name: '--driver', path: options.driver },
      plan.driver.info.fps,
      options.maxSeconds,
    ),
    frames: frames && (frames - 1) * every + 1,
    every,
    resume: run.finished,
    refine: options.refine && { onFrame: keepFirstPass },
    signal,
    onWarning: warningsOf(options.driver, warn, '--face'),
    onProgress: (event) => {
      msPerStep = event.msPerStep ?? msPerStep;
      onProgress?.(event);
      const line = estimate(event);
      if (line) log(line);
    },
  });
  const saved = saveEach(observer.drivers(sequence), run, projected, options.refine ? undefined : keep);
  const drawn = () => moments(clock, options);
  const between = interpolate(saved, { times: timesOf(drawn()), method: options.interpolation });
  const images = render(between, networks.generator, {
    signal,
    onProgress,
    frames: frames && count(drawn()),
    rounding: options.mode === 'reference' ? 'truncate' : 'round',
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
    ...{ projected, observer, look, command, warnings },
    latents: run.latents,
    backend: backend.description,
    seconds: (performance.now() - started) / 1000,
    msPerStep,
  };
  return await finishAnimation(animation, plan, run, warn);
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
