import { createWorkerProjector } from '@faceanim/browser';
import type { ProgressEvent } from '@faceanim/core';
import { watchGaps } from '../../tools/smoke/session/watch-gaps.js';

/** What the first steps in a page were like. */
export interface StepsRow {
  readonly backend: string;
  /** Seconds until the first step begins: loading, cropping the look, the scales of terms, and finding the face in one frame. */
  readonly before: number;
  /** Seconds of the first two steps, in which a GPU compiles. */
  readonly firstTwo: number;
  /** Mean milliseconds of the two steps after them. */
  readonly msPerStep: number;
  /** Milliseconds of the longest time in which the page could do nothing else. */
  readonly longestGap: number;
}

/** Takes four steps of a look in a worker, on the backend `process.env.BACKEND`, and posts what it does as it begins. */
export default async function run(): Promise<StepsRow> {
  const gaps = watchGaps();
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  /** When the first step of the look began, and when each ended. */
  const steps: number[] = [];
  let doing = '';
  const note = (what: string) => {
    if (what !== doing) void fetch('/stage', { method: 'POST', body: `${seconds().toFixed(1)} s: ${what}` });
    doing = what;
  };
  const onProgress = ({ stage, step = -1 }: ProgressEvent) => {
    note(stage === 'look' ? `step ${step + 2}` : stage);
    if (stage === 'look') steps.push(seconds());
  };
  using projector = await createWorkerProjector({
    worker: new Worker('/worker.js', { type: 'module' }),
    backend: { prefer: process.env.BACKEND, allowSoftware: true, wasmPaths: '/wasm' },
    avatar: { folder: '/avatar' },
    onProgress,
  });
  note('open');
  const run = { look: '/look.png', driver: '/driver.webp', read: { limit: 1 }, readEvery: 1 };
  const frames = projector.project({ ...run, steps: { look: 8 }, onProgress });
  let failure: unknown;
  // Ends with the projector, long before the first frame.
  void frames.next().catch((error) => (failure = error));
  while (steps.length < 5) {
    if (failure) throw failure;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const [begun, , second, , last] = steps as [number, number, number, number, number];
  return {
    backend: projector.info.backend.description,
    before: begun,
    firstTwo: second - begun,
    msPerStep: ((last - second) / 2) * 1000,
    longestGap: gaps.longest,
  };
}
