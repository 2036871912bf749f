import { createWorkerProjector, savedRuns, type WorkerFrame, type WorkerProjectOptions } from '../../src';

/** What the page found out. */
export interface AnimateReport {
  /** Indices of the frames that were computed: before the reload, and after it. */
  readonly computed: readonly (readonly number[])[];
  readonly saved: readonly string[];
  /** Indices of the frames that arrived after the reload, and the sizes of their images. */
  readonly frames: readonly (readonly [index: number, width: number | undefined])[];
  /** Milliseconds of the longest time in which the page could do nothing else. */
  readonly longestGap: number;
  /** The video, as base64. */
  readonly video: string;
  readonly errors: readonly { code: string; hint?: string }[];
}

const options: WorkerProjectOptions = {
  ...{ look: '/look.png', driver: '/driver.webp', read: { limit: 6 }, saveAs: 'demo' },
  steps: { look: 2, first: 2, next: 1 },
};

/** Animates a look, is interrupted after three frames by a reload, goes on, and encodes the result. */
export default async function run(): Promise<AnimateReport> {
  const gaps = watchGaps();
  const projector = await createWorkerProjector({
    worker: new Worker('/worker.js', { type: 'module' }),
    backend: { prefer: 'wasm', wasmPaths: '/wasm' },
    avatar: { folder: '/avatar', fanModules: 1 },
  });
  const computed: number[][] = JSON.parse(sessionStorage.getItem('computed') ?? '[]');
  const mine = new Set<number>();
  const onProgress: WorkerProjectOptions['onProgress'] = ({ stage, frame, step }) => {
    if (stage === 'optimize' && step !== undefined) mine.add(frame!);
  };
  if (computed.length === 0) {
    for await (const { index } of projector.project({ ...options, onProgress })) if (index === 2) break;
    sessionStorage.setItem('computed', JSON.stringify([[...mine]]));
    location.reload();
    return new Promise(() => {});
  }
  const frames: WorkerFrame[] = [];
  for await (const frame of projector.project({ ...options, onProgress })) frames.push(frame);
  const video = await projector.writeVideo({ name: 'out.webm', latents: frames, factor: 2, fps: 50 });
  const refused = [
    projector.project({ ...options, look: '/driver.mp4' }).next(),
    projector.project({ ...options, driver: '/nothing.mp4' }).next(),
    projector.project({ ...options, steps: { first: 3 } }).next(),
  ];
  return {
    computed: [...computed, [...mine]],
    saved: await savedRuns(),
    frames: frames.map(({ index, image }) => [index, image?.width]),
    longestGap: gaps.longest(),
    video: btoa(
      Array.from(new Uint8Array(await video.arrayBuffer()), (c) => String.fromCharCode(c)).join(''),
    ),
    errors: await Promise.all(refused.map((each) => each.then(() => ({ code: 'none' }), outcome))),
  };
}

function outcome({ code, hint }: { code: string; hint?: string }) {
  return { code, hint };
}

/** Measures how long the page is busy at a time. */
function watchGaps() {
  let [last, longest] = [performance.now(), 0];
  setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 4);
  return { longest: () => longest };
}
