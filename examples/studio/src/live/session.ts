import type { ProgressEvent, RgbImage } from '@faceanim/core';
import { FaceanimError, fromWire } from '@faceanim/tensor/errors';
import { batch, signal } from '@preact/signals';
import { proxy, type Remote, transfer, wrap } from 'comlink';
import { choice } from '../engine/engine';
import { readyLook } from '../look/look';
import { type Problem, problemOf } from '../ui/problem';
import type { LiveCalls, LiveRequest, Outcome } from './worker';

/** How the session is set; a change takes effect when it is started again. */
export interface LiveSettings extends Required<Pick<LiveRequest, 'budgetMs' | 'lag'>> {
  readonly gain: number;
  readonly pose: number;
}

export type LivePhase = 'off' | 'opening' | 'on' | 'failed';

/** How fast the last results came. */
export interface Speed {
  readonly latencyMs: number;
  readonly steps: number;
  /** Results a second, averaged over the last ones; known from the second one on. */
  readonly fps: number | undefined;
}

export const liveSettings = signal<LiveSettings>({ budgetMs: 40, gain: 1, pose: 1, lag: 0 });
export const livePhase = signal<LivePhase>('off');
export const liveProblem = signal<Problem | undefined>(undefined);
/** What is being opened, and how much of it is done. */
export const opening = signal<{ readonly words: string; readonly fraction: number | undefined }>({
  words: '',
  fraction: undefined,
});
/** The backend of the session. */
export const liveBackend = signal('');
/** The newest result. */
export const liveImage = signal<RgbImage | undefined>(undefined);
/** Whether it follows a face; if not, the one before it is held. */
export const faceFound = signal(true);
export const speed = signal<Speed | undefined>(undefined);

const openingWords: Partial<Record<ProgressEvent['stage'], string>> = {
  statistics: 'Measuring the generator',
  look: 'Learning the look',
};

/** The longer side of the pictures that are sent to the worker, in pixels: enough to find a face. */
const longestSide = 480;

let worker: Worker | undefined;

/** Opens a session for the look, and animates it after the pictures of a video until it is stopped. */
export async function startLive(video: HTMLVideoElement): Promise<void> {
  stopLive();
  batch(() => {
    livePhase.value = 'opening';
    liveProblem.value = liveImage.value = speed.value = undefined;
    opening.value = { words: 'Loading', fraction: undefined };
  });
  const mine = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  worker = mine;
  const fail = (problem: Problem) => {
    if (worker !== mine) return;
    stopLive();
    batch(() => {
      livePhase.value = 'failed';
      liveProblem.value = problem;
    });
  };
  mine.addEventListener('error', ({ message }) =>
    fail(problemOf(new FaceanimError('crashed', message || 'The worker could not be loaded.'))),
  );
  try {
    const calls = wrap<LiveCalls>(mine);
    const description = valueIn(await open(calls));
    if (worker !== mine) return;
    liveBackend.value = description;
    livePhase.value = 'on';
    await follow(video, calls, () => worker === mine);
  } catch (error) {
    fail(problemOf(error));
  }
}

/** Ends the session, and frees its memory. */
export function stopLive(): void {
  worker?.terminate();
  worker = undefined;
  livePhase.value = 'off';
}

async function open(calls: Remote<LiveCalls>): Promise<Outcome<string>> {
  const { prepared } = await readyLook();
  const { budgetMs, lag, gain, pose } = liveSettings.value;
  const { width, height, data } = prepared;
  const request: LiveRequest = {
    look: { width, height, data },
    ...{ budgetMs, lag, pose, gain: { mouth: gain, eyes: gain, brows: gain, jaw: gain } },
    ...(choice.value !== 'auto' && { backend: choice.value }),
  };
  return calls.open(
    request,
    proxy(({ stage, fraction }) => {
      opening.value = { words: openingWords[stage] ?? 'Loading the networks', fraction };
    }),
  );
}

/** Asks for one result after the other, each for the picture that the video shows then. */
async function follow(
  video: HTMLVideoElement,
  calls: Remote<LiveCalls>,
  goesOn: () => boolean,
): Promise<void> {
  const times: number[] = [];
  while (goesOn()) {
    await nextPicture(video);
    if (!goesOn()) return;
    const scale = Math.min(1, longestSide / Math.max(video.videoWidth, video.videoHeight));
    const picture = await createImageBitmap(video, {
      resizeWidth: Math.round(scale * video.videoWidth),
      resizeHeight: Math.round(scale * video.videoHeight),
    });
    const { image, found, latencyMs, steps } = valueIn(await calls.next(transfer(picture, [picture])));
    if (!goesOn()) return;
    times.push(performance.now());
    if (times.length > 20) times.shift();
    const seconds = (times.at(-1)! - times[0]!) / 1000;
    batch(() => {
      liveImage.value = image;
      faceFound.value = found;
      speed.value = { latencyMs, steps, fps: seconds > 0 ? (times.length - 1) / seconds : undefined };
    });
  }
}

/** Waits until the video shows another picture. */
function nextPicture(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    video.requestVideoFrameCallback(() => resolve());
    // The video may have been taken away meanwhile.
    setTimeout(resolve, 1000);
  });
}

function valueIn<T>(outcome: Outcome<T>): T {
  if ('value' in outcome) return outcome.value;
  throw fromWire(outcome.error);
}
