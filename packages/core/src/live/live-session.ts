import { type Backend, FaceanimError } from '@faceanim/tensor';
import { iterableOf } from '@faceanim/tensor/options';
import { throwIfRunAborted } from '../abort';
import type { Latent } from '../contracts/frames';
import type { Generator } from '../contracts/generator';
import type { RgbImage } from '../contracts/image';
import { anRgbImage } from '../options';
import { latestFirst } from './latest-first';
import type { liveDriver } from './live-driver';
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
  readonly image: RgbImage;
  /** By `performance.now()`. */
  readonly at: number;
  /** Pictures dropped before it. */
  readonly dropped: number;
  readonly signal: AbortSignal | undefined;
}

const checkDriver = iterableOf('a stream of pictures, e.g. those of a camera');

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
    // A clamped array clamps and rounds.
    image: { width: resolution, height: resolution, data: new Uint8ClampedArray(pixels) },
    latent: { numWs, wDim, data: ws.slice() },
  });
  let last = drawn;
  let count = 0;
  let busy = false;
  let disposed = false;

  const work = async ({ image, at, dropped, signal }: Arrival): Promise<LiveFrame> => {
    const index = count + dropped;
    count = index + 1;
    await backend?.activate();
    const began = performance.now();
    const target = await driver(index, image, signal);
    const tracked = performance.now();
    const steps = target ? pace.steps(tracked - at) : 0;
    if (target) {
      last = await solver.solve(target.frame, target.begins, steps, signal);
      pace.note(steps, performance.now() - tracked);
    }
    const result = resultOf(last);
    const times = { latencyMs: performance.now() - at, trackMs: tracked - began };
    return { index, found: target !== undefined, ...result, steps, ...times, dropped };
  };

  const take = async (arrival: Arrival): Promise<LiveFrame> => {
    if (disposed) throw misuse('The live session is disposed.', 'Open another one.');
    if (busy) throw misuse('The live session is at work on another picture.', 'Await its result first.');
    throwIfRunAborted(arrival.signal);
    busy = true;
    try {
      return await work(arrival);
    } finally {
      busy = false;
      if (disposed) owned[Symbol.dispose]();
    }
  };

  return {
    look,
    next: async (picture, { signal } = {}) =>
      take({ image: imageOf(picture), at: performance.now(), dropped: 0, signal }),
    async *animate(pictures, { signal } = {}) {
      checkDriver(pictures, 'The driver of animate');
      for await (const { item, at, dropped } of latestFirst(pictures, signal))
        yield await take({ image: imageOf(item), at, dropped, signal });
    },
    [Symbol.dispose]() {
      if (disposed) return;
      disposed = true;
      if (!busy) owned[Symbol.dispose]();
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
