import { createWorkerProjector } from '@faceanim/browser';
import type { ProgressEvent } from '@faceanim/core';
import { watchGaps } from '../../tools/smoke/session/watch-gaps.js';

/** What a page that animates a face was like to use. */
export interface SessionRow {
  readonly backend: string;
  /** Seconds until the worker has its backend and networks. */
  readonly opened: number;
  /** Seconds from then until the first frame is there. */
  readonly firstPicture: number;
  /** Seconds until the first frame of a further run, which has the same look. */
  readonly again: number;
  readonly msPerStep: number;
  /** Milliseconds of the longest time in which the page could do nothing else. */
  readonly longestGap: number;
}

/** Animates a look in a worker, on the backend `process.env.BACKEND`. */
export default async function run(): Promise<SessionRow> {
  const gaps = watchGaps();
  const start = performance.now();
  using projector = await createWorkerProjector({
    worker: new Worker('/worker.js', { type: 'module' }),
    backend: { prefer: process.env.BACKEND, allowSoftware: true, wasmPaths: '/wasm' },
    avatar: { folder: '/avatar' },
  });
  const opened = performance.now();
  let msPerStep = 0;
  const onProgress = (event: ProgressEvent) => (msPerStep = event.msPerStep ?? msPerStep);
  /** Seconds until the first frame of a run. */
  const firstPicture = async () => {
    const began = performance.now();
    let first = 0;
    const inputs = { look: '/look.png', driver: '/driver.webp', read: { limit: 3 } };
    for await (const _ of projector.project({ ...inputs, onProgress }))
      first ||= (performance.now() - began) / 1000;
    return first;
  };
  return {
    backend: projector.info.backend.description,
    opened: (opened - start) / 1000,
    firstPicture: await firstPicture(),
    again: await firstPicture(),
    msPerStep,
    longestGap: gaps.longest,
  };
}
