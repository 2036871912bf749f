import type { WorkerFrame } from '@faceanim/browser';
import type { ProgressEvent, ProjectedFrame } from '@faceanim/core';
import { throwIfAborted } from '@faceanim/tensor/errors';
import { batch, computed, effect, signal } from '@preact/signals';
import { networks, projector } from '../../engine/engine';
import { look, readyLook } from '../../look/look';
import { isCancelled, type Problem, problemOf, StudioError } from '../../ui/problem';
import { driver } from './driver';
import { type Frame, toFrame } from './frame';
import { canSave, newId, remember } from './saved';
import { runOptions, type Settings, settings } from './settings';

/** What a run is doing. A run that was cancelled or failed keeps its finished frames. */
export type Phase = 'idle' | 'running' | 'paused' | 'cancelled' | 'failed' | 'done';

/** The loss terms after a step. */
export interface LossPoint {
  /** Index of the frame in the run, with the share of its steps that are done. */
  readonly at: number;
  readonly losses: Readonly<Record<string, number>>;
}

const mostPoints = 2000;

export const phase = signal<Phase>('idle');
/** The finished frames. */
export const frames = signal<readonly Frame[]>([]);
/** The newest progress of the run. */
export const progress = signal<ProgressEvent | undefined>(undefined);
/** The losses of the steps so far, oldest first; the list changes, and comes in another wrapper each time. */
export const losses = signal<{ readonly points: LossPoint[] }>({ points: [] });
/** Why the run failed. */
export const runProblem = signal<Problem | undefined>(undefined);
/** What was not as expected, such as frames of the driver without a face. */
export const warnings = signal<readonly string[]>([]);
/** The settings that the frames to come are made with. */
export const applied = signal<Settings | undefined>(undefined);
/** Seconds from its start to its end; known when it is done. */
export const seconds = signal<number | undefined>(undefined);

/** Whether a run is under way. */
export const active = computed(() => phase.value === 'running' || phase.value === 'paused');

/** The number of frames that these settings leave of the driver, if its file says how many it has. */
function countOf({ limit, every }: Settings): number | undefined {
  const stored = driver.value?.info.frames;
  if (stored === undefined) return undefined;
  return Math.ceil((limit > 0 ? Math.min(limit, stored) : stored) / every);
}

/** How many frames the next run would have. */
export const planned = computed(() => countOf(settings.value));

/** How many frames the run will have. */
export const total = computed(() => {
  const { value: event } = progress;
  if (active.value && event?.stage === 'optimize' && event.frames) return event.frames;
  return countOf(applied.value ?? settings.value);
});

/** Frames a second of the result without sub-frames. */
export const fps = computed(() => (driver.value?.info.fps ?? 25) / (applied.value ?? settings.value).every);

/** How frames are filled in: where neighbours show nearly the same, averaging them takes jitter away and hardly any motion. */
export const method = computed(() => (fps.value >= 20 ? 'b-spline' : 'linear'));

let abort: AbortController | undefined;
let saveAs: string | undefined;
/** Unless they are saved: the finished frames before they are refined, after which a run goes on. */
let firstPass: ProjectedFrame[] = [];

/** Starts from the first frame. */
export async function start(): Promise<void> {
  cancel();
  firstPass = [];
  batch(() => {
    frames.value = [];
    losses.value = { points: [] };
    seconds.value = undefined;
  });
  saveAs = (await canSave()) ? newId() : undefined;
  await run();
}

/** Goes on after the last finished frame: that of a run in this tab, or of one that was saved. */
export async function goOn(saved?: string): Promise<void> {
  if (saved !== undefined) saveAs = saved;
  await run();
}

/** Stops after the frame that is being optimised, until `unpause`. */
export function pause(): void {
  if (phase.value === 'running') phase.value = 'paused';
}

/** Goes on after a pause. */
export function unpause(): void {
  if (phase.value === 'paused') phase.value = 'running';
}

/** Ends the run. Its finished frames stay. The worker follows within a step. */
export function cancel(): void {
  abort?.abort();
  abort = undefined;
  if (active.value) phase.value = frames.value.length > 0 ? 'cancelled' : 'idle';
}

/** Forgets the run and its frames. */
export function clear(): void {
  cancel();
  saveAs = madeFrom = undefined;
  firstPass = [];
  batch(() => {
    phase.value = 'idle';
    frames.value = [];
    losses.value = { points: [] };
    progress.value = undefined;
    applied.value = undefined;
    runProblem.value = undefined;
  });
}

/** What frames are made from. */
const inputs = () => [look.value?.source, driver.value?.source, networks.value] as const;
let madeFrom: ReturnType<typeof inputs> | undefined;

// Frames of another look, driver or generator are of no use.
effect(() => {
  const now = inputs();
  if (madeFrom?.some((input, i) => input !== now[i])) clear();
});

/** The settings have changed: the current run is to end, and another goes on after its frames. */
const changed = Symbol('changed settings');

effect(() => {
  const { value: wanted } = settings;
  // Not while it is paused: it would go on.
  if (!applied.value || wanted === applied.value || phase.value !== 'running') return;
  // Not for every place that a slider passes.
  const timer = setTimeout(() => {
    const { every, limit } = applied.peek()!;
    // Other frames of the driver make another result.
    if (wanted.every !== every || wanted.limit !== limit) return void start();
    abort?.abort(changed);
  }, 500);
  return () => clearTimeout(timer);
});

async function run(): Promise<void> {
  abort?.abort();
  batch(() => {
    phase.value = 'running';
    progress.value = undefined;
    runProblem.value = undefined;
    warnings.value = [];
  });
  const began = performance.now();
  for (;;) {
    const controller = (abort = new AbortController());
    try {
      await runOnce(controller.signal, false);
      // In a second run, so that the frames of the first are seen meanwhile.
      if (settings.value.refine) await runOnce(controller.signal, true);
      if (controller !== abort) return;
      seconds.value = (performance.now() - began) / 1000;
      phase.value = 'done';
      return;
    } catch (error) {
      // It was cancelled, or another one has begun.
      if (controller !== abort) return;
      if (controller.signal.reason === changed) continue;
      batch(() => {
        phase.value = isCancelled(error) ? (frames.value.length > 0 ? 'cancelled' : 'idle') : 'failed';
        if (!isCancelled(error)) runProblem.value = problemOf(error);
      });
      return;
    }
  }
}

/** Runs with the current settings, after the frames that are finished; or refines them. */
async function runOnce(signal: AbortSignal, refine: boolean): Promise<void> {
  const chosen = settings.value;
  applied.value = chosen;
  const open = await unlessAborted(projector(), signal);
  const face = await readyLook();
  const { value: clip } = driver;
  if (!clip) throw new StudioError('There is no driver yet.', 'Choose a clip of a face.');
  madeFrom = inputs();
  if (saveAs !== undefined) {
    const { name, source } = clip;
    const { prepared } = face;
    const kept = await remember({
      ...{ id: saveAs, settings: chosen, total: total.value ?? 0 },
      look: { name: face.name, source: face.source, prepared },
      driver: { name, source },
    });
    throwIfAborted(signal);
    if (!kept) {
      saveAs = undefined;
      warn('The browser has no room to keep this run: without its page it is lost.');
    }
  }
  const stream = open.project({
    ...runOptions(chosen),
    look: face.prepared,
    driver: clip.source,
    ...(saveAs === undefined ? { resume: firstPass } : { saveAs }),
    refine,
    resumeChanged: true,
    signal,
    // A run that was ended may go on for a step.
    onProgress: (event) => {
      if (!signal.aborted) noteProgress(event);
    },
    onWarning: (warning) => {
      if (!signal.aborted) warn(warning);
    },
  });
  for await (const frame of stream) {
    throwIfAborted(signal);
    if (!refine && saveAs === undefined) firstPass[frame.index] = withoutPictures(frame);
    const kept = await toFrame(frame);
    throwIfAborted(signal);
    noteFrame(kept);
    await unpaused(signal);
  }
}

/** The result of a promise, unless the signal fires before. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([promise, aborted]);
  throwIfAborted(signal);
  return promise;
}

function noteProgress(event: ProgressEvent): void {
  batch(() => {
    progress.value = event;
    const { stage, losses: values, position = 0, step, steps = 1 } = event;
    if (stage !== 'optimize' || !values || step === undefined) return;
    const { points } = losses.value;
    points.push({ at: position + (step + 1) / steps, losses: values });
    // Of long runs, twice as much as a chart can show.
    losses.value = { points: points.length < mostPoints ? points : points.filter((_, i) => i % 2 === 1) };
  });
}

function warn(warning: string): void {
  if (!warnings.value.includes(warning)) warnings.value = [...warnings.value, warning];
}

function withoutPictures({ image: _, driver: __, ...frame }: WorkerFrame): ProjectedFrame {
  return frame;
}

function noteFrame(frame: Frame): void {
  const next = frames.value.slice();
  next[frame.index] = frame;
  frames.value = next;
}

/** Waits while the run is paused; the worker waits for the page to take the next frame. A run that is ended goes on to its end. */
function unpaused(signal: AbortSignal): Promise<void> {
  if (phase.value !== 'paused') return Promise.resolve();
  return new Promise((resolve) => {
    const goes = () => {
      stop();
      signal.removeEventListener('abort', goes);
      resolve();
    };
    const stop = phase.subscribe((value) => {
      if (value !== 'paused') queueMicrotask(goes);
    });
    signal.addEventListener('abort', goes);
  });
}
