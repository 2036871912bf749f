import { createWorkerProjector } from '@faceanim/browser';
import { watchGaps } from '../../tools/smoke/session/watch-gaps.js';

/** What a page that animates a face was like to use. */
export interface SessionRow {
  readonly backend: string;
  /** Seconds until the worker has its backend and networks. */
  readonly opened: number;
  /** Seconds from then until the first frame is there. */
  readonly firstPicture: number;
  readonly msPerStep: number;
  /** Milliseconds of the longest time in which the page could do nothing else. */
  readonly longestGap: number;
}

/** Animates a look in a worker, on the backend `process.env.BACKEND`, with the frames and steps of `process.env.WORK`. */
export default async function run(): Promise<SessionRow> {
  const gaps = watchGaps();
  const start = performance.now();
  using projector = await createWorkerProjector({
    worker: new Worker('/worker.js', { type: 'module' }),
    backend: { prefer: process.env.BACKEND, allowSoftware: true, wasmPaths: '/wasm' },
    avatar: { folder: '/avatar' },
  });
  const opened = performance.now();
  let [firstPicture, msPerStep] = [0, 0];
  const { frames: limit, steps } = JSON.parse(process.env.WORK!);
  const frames = projector.project({
    ...{ look: '/look.png', driver: '/driver.webp', read: { limit }, steps },
    onProgress: (event) => (msPerStep = event.msPerStep ?? msPerStep),
  });
  for await (const _ of frames) firstPicture ||= performance.now();
  return {
    backend: projector.info.backend.description,
    opened: (opened - start) / 1000,
    firstPicture: (firstPicture - opened) / 1000,
    msPerStep,
    longestGap: gaps.longest,
  };
}
