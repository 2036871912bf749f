import { type Backend, FaceanimError, throwIfAborted } from '@faceanim/tensor';
import { iterableOf } from '@faceanim/tensor/options';
import type { Latent } from '../contracts/frames';
import type { Generator } from '../contracts/generator';
import type { RgbImage } from '../contracts/image';
import { anRgbImage } from '../options';
import { type LatestFirst, latestFirst } from './latest-first';
import type { LiveTarget, liveDriver } from './live-driver';
import type { DrawnLatent, LiveSolver } from './live-solver';
import type { Live, LiveFrame, LivePicture } from './options';
import type { Pace } from './pace';

/** The parts of a live session. */
interface LiveParts {
  readonly driver: ReturnType<typeof liveDriver>;
  readonly solver: LiveSolver;
  readonly pace: Pace;
  /** The look, which is the result until there is a face. */
  readonly drawn: DrawnLatent;
  readonly look: Latent;
  readonly generator: Generator;
  readonly backend: Backend | undefined;
  /** Everything to be disposed with the session. */
  readonly owned: Disposable;
}

/** A picture and how it came. */
interface Arrival {
  readonly picture: LivePicture;
  /** By `performance.now()`. */
  readonly at: number;
  /** Pictures dropped before it. */
  readonly dropped: number;
  readonly signal: AbortSignal | undefined;
}

/** A picture in which the face was looked for. */
interface Tracked extends Arrival {
  readonly index: number;
  /** Undefined if it was not found. */
  readonly target: LiveTarget | undefined;
  readonly trackMs: number;
}

const checkDriver = iterableOf('a stream of pictures, e.g. those of a camera');

/** A caller that takes longer with a result, in ms, gets the picture that is the newest when it asks for more. */
const quickCaller = 10;

/** The session that `openLive` returns. */
export function liveSession({
  driver,
  solver,
  pace,
  drawn,
  look,
  generator,
  backend,
  owned,
}: LiveParts): Live {
  const { numWs, wDim, resolution } = generator;
  /** Arrays of its own for every frame, since callers may move them to another thread, also those of a result that is held. */
  const resultOf = ({ pixels, ws }: DrawnLatent): Pick<LiveFrame, 'image' | 'latent'> => ({
    image: { width: resolution, height: resolution, data: pixels.slice() },
    latent: { numWs, wDim, data: ws.slice() },
  });
  const streams = new Set<LatestFirst<LivePicture>>();
  let last = drawn;
  let count = 0;
  let busy = false;
  let disposed = false;
  let works = 0;
  let trackedBefore: Promise<unknown> = Promise.resolve();

  /** Keeps what the session owns until it is done. */
  const work = async <T>(run: () => Promise<T>): Promise<T> => {
    if (disposed) throw misuse('The live session is disposed.', 'Open another one.');
    works++;
    try {
      return await run();
    } finally {
      works--;
      if (disposed && works === 0) owned[Symbol.dispose]();
    }
  };

  const track = (arrival: Arrival): Promise<Tracked> => {
    const before = trackedBefore;
    const tracked = work(async () => {
      await before;
      const { picture, dropped, signal } = arrival;
      throwIfAborted(signal);
      const image = imageOf(picture);
      const index = count + dropped;
      count = index + 1;
      await backend?.activate();
      const began = performance.now();
      const target = await driver(index, image, signal);
      return { ...arrival, index, target, trackMs: performance.now() - began };
    });
    trackedBefore = tracked.catch(() => {});
    return tracked;
  };

  /** @param meanwhile called when all is on its way to the device. */
  const solve = async (tracked: Tracked, meanwhile?: (result: Promise<unknown>) => Promise<void>) => {
    const { index, target, at, dropped, trackMs, signal } = tracked;
    await backend?.activate();
    const began = performance.now();
    const steps = target ? pace.steps(began - at) : 0;
    if (target) {
      const { result } = await solver.solve(target.frame, target.begins, steps, signal);
      await meanwhile?.(result);
      last = await result;
      pace.note(steps, performance.now() - began);
    }
    const result = resultOf(last);
    return { index, found: steps > 0, ...result, steps, latencyMs: performance.now() - at, trackMs, dropped };
  };

  const oneAtATime = (run: () => Promise<LiveFrame>): Promise<LiveFrame> =>
    work(async () => {
      if (busy) throw misuse('The live session is at work on another picture.', 'Await its result first.');
      busy = true;
      try {
        return await run();
      } finally {
        busy = false;
      }
    });

  return {
    look,
    next: (picture, { signal } = {}) => {
      const at = performance.now();
      return oneAtATime(async () => solve(await track({ picture, at, dropped: 0, signal })));
    },
    async *animate(pictures, { signal } = {}) {
      checkDriver(pictures, 'The driver of animate');
      using stream = latestFirst(pictures, signal);
      streams.add(stream);
      let ahead: Promise<Tracked> | undefined;
      let callerMs = 0;
      const begin = () => {
        const newest = stream.take();
        ahead = newest && track({ picture: newest.item, at: newest.at, dropped: newest.dropped, signal });
        ahead?.catch(() => {});
      };
      // A GPU computes while the face is found in the next picture. A CPU would only finish later.
      const meanwhile = async (result: Promise<unknown>) => {
        if (!backend?.capabilities.gpu || callerMs > quickCaller) return;
        await Promise.race([stream.ready(), result]).catch(() => {});
        begin();
      };
      try {
        for (;;) {
          if (!ahead) {
            await stream.ready();
            begin();
            if (!ahead && !disposed) return;
          }
          const frame = await oneAtATime(async () => {
            const tracked = await ahead!;
            ahead = undefined;
            return await solve(tracked, meanwhile);
          });
          const shown = performance.now();
          yield frame;
          callerMs = performance.now() - shown;
        }
      } finally {
        streams.delete(stream);
      }
    },
    [Symbol.dispose]() {
      if (disposed) return;
      disposed = true;
      for (const stream of streams) stream[Symbol.dispose]();
      if (works === 0) owned[Symbol.dispose]();
    },
  };
}

function imageOf(picture: LivePicture): RgbImage {
  const image =
    typeof picture === 'object' && picture !== null && 'image' in picture ? picture.image : picture;
  anRgbImage(image, 'A picture of the live driver');
  return image;
}

function misuse(message: string, hint: string): FaceanimError {
  return new FaceanimError('invalid-option', message, { hint });
}
