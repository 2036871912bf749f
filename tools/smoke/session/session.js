// @ts-check
// Runs of a page that is driven from outside: by the functions of `session`.
import { createWorkerProjector, savedRuns } from '@faceanim/browser';
import { watchGaps } from './watch-gaps.js';

/** @type {import('@faceanim/browser').WorkerProjectOptions} */
const options = {
  ...{ look: '/look.png', driver: '/driver.webp', saveAs: 'demo' },
  steps: { look: 2, first: 2, next: 1 },
};
/** @type {import('@faceanim/browser').WorkerFrame[]} */
let frames = [];
const gaps = watchGaps();
const opening = createWorkerProjector();

Object.assign(globalThis, {
  session: {
    /** What the worker says about itself. */
    info: async () => (await opening).info,

    /**
     * Runs to the end, or until the run is aborted after a frame: the frames that arrived, and those that were computed.
     * @param {Partial<typeof options>} changes
     * @param {number} [abortAfter]
     */
    async run(changes = {}, abortAfter) {
      const projector = await opening;
      const controller = new AbortController();
      const computed = new Set();
      frames = [];
      const failure = await outcomeOf(async () => {
        for await (const frame of projector.project({
          ...options,
          ...changes,
          signal: controller.signal,
          onProgress({ stage, frame, step }) {
            if (stage === 'optimize' && step !== undefined) computed.add(frame);
          },
        })) {
          frames.push(frame);
          if (frame.index === abortAfter) controller.abort();
        }
      });
      const arrived = frames.map(({ index, image }) => [index, image?.width]);
      return { arrived, computed: [...computed], failure, saved: await savedRuns() };
    },

    /**
     * The frames of the last run as a video, in base64.
     * @param {string} name
     */
    async video(name) {
      const video = await (await opening).writeVideo({ name, latents: frames, factor: 2, fps: 25 });
      const bytes = new Uint8Array(await video.arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    },

    /**
     * What becomes of a worker with these options.
     * @param {import('@faceanim/browser').WorkerProjectorOptions} options
     */
    open: (options) => outcomeOf(async () => (await createWorkerProjector(options))[Symbol.dispose]()),

    /** Milliseconds of the longest time in which the page could do nothing else. */
    longestGap: () => gaps.longest,
  },
});

/** @param {() => Promise<void>} work */
async function outcomeOf(work) {
  try {
    await work();
    return undefined;
  } catch (error) {
    const { name, code, message, hint } = /** @type {import('@faceanim/core').FaceanimError} */ (error);
    return { name, code, message, hint };
  }
}
