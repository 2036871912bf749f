import { invalidOption, throwIfAborted } from '@faceanim/tensor';
import type { ProjectedFrame } from '../contracts/frames';
import type { TargetedFrame } from '../contracts/motion-target';
import { refinedOrigin } from './origin';
import { progressClock } from './progress-clock';
import { projectWindow } from './project-window';
import type { SequenceRun } from './run';
import type { SequenceFrame } from './sequence-frame';
import type { RefineSettings } from './settings';
import { shotsOf } from './shots';
import { iterate } from './streams';

/** A frame of the first pass. Both it and the crop of its driver frame may be read again. */
export interface FirstPassFrame {
  readonly driver: Omit<TargetedFrame, 'image'> & Partial<Pick<TargetedFrame, 'image'>>;
  /** Whether it has optimizer state that is carried over. */
  readonly carries: boolean;
  readonly frame: ProjectedFrame | undefined;
}

/**
 * Optimises windows of consecutive frames again, each as one batch from what the frames are, so that `smooth` acts in both
 * directions. Windows overlap: frames near the end of one are also at the start of the next, and have neighbours on both
 * sides once. The first frame of a shot stays as it is.
 *
 * @param noise the noise maps of the last frame, if they are optimised.
 */
export async function* refineFrames(
  run: SequenceRun,
  frames: readonly FirstPassFrame[],
  noise: ProjectedFrame['noise'],
): AsyncGenerator<SequenceFrame> {
  const { backend, signal, onProgress } = run.options;
  const refine = run.settings.refine!;
  const { window, steps } = refine;
  const hop = hopOf(refine);
  const each = Math.ceil((steps * window) / hop);
  const clock = progressClock({
    stage: 'refine',
    frames: frames.length,
    steps: { look: 0, first: each, next: each },
    compiles: backend?.capabilities.gpu ?? true,
    onProgress,
  });
  const drivers = iterate(run.driver.withCrops(frames.map(({ driver }) => driver)));
  const finished = async (position: number): Promise<ProjectedFrame> =>
    frames[position]!.frame ?? (await storedFrame(refine, run.start + position));
  const whole = async (position: number): Promise<SequenceFrame> => ({
    ...(await finished(position)),
    driver: (await drivers.next()).value!,
  });
  let first = 0;
  try {
    for (const shot of shotsOf(frames, ({ driver }) => driver.shot)) {
      const learnt = shot.findLastIndex(({ carries }) => carries);
      const carriedOver = learnt < 0 ? run.from?.carriedOver : (await finished(first + learnt)).carriedOver;
      let last = await whole(first);
      yield last;
      let batch: SequenceFrame[] = [];
      for (let start = 1; start < shot.length; start += hop) {
        const end = Math.min(start + window, shot.length);
        while (start + batch.length < end) batch.push(await whole(first + start + batch.length));
        throwIfAborted(signal, { frame: batch[0]!.driver.index });
        await backend?.activate();
        const refined = await projectWindow(
          { ...run, clock },
          batch.map(({ driver }) => driver),
          {
            first: batch[0]!.index,
            finished: { count: start, last, carriedOver },
            noise,
            again: { start: joined(batch), steps },
          },
        );
        batch = batch.map((frame, i) => asRefined(frame, refined[i]!, refine));
        const done = end === shot.length ? batch : batch.slice(0, hop);
        yield* done;
        if (end === shot.length) break;
        last = done.at(-1)!;
        batch = batch.slice(hop);
      }
      first += shot.length;
    }
  } finally {
    await drivers.return(undefined);
  }
}

/** @throws {FaceanimError} `invalid-option` if it is not in the store; what the store throws. */
async function storedFrame({ frames }: RefineSettings, index: number): Promise<ProjectedFrame> {
  const frame = await frames?.at(index);
  if (frame?.index === index) return frame;
  throw invalidOption(`Frame ${index} of refine.frames`, frame, 'the frame that onFrame got');
}

/** Two thirds of a window, so that a third of it is refined again with the next. */
const hopOf = ({ window }: RefineSettings) => Math.ceil((2 * window) / 3);

function joined(frames: readonly SequenceFrame[]): Float32Array {
  const size = frames[0]!.coordinates.length;
  const all = new Float32Array(frames.length * size);
  for (const [i, { coordinates }] of frames.entries()) all.set(coordinates, i * size);
  return all;
}

/** What `resume` takes are frames of the first pass; these are others. */
function asRefined(
  frame: SequenceFrame,
  { latent, coordinates, losses, history, steps, stopReason }: ProjectedFrame,
  settings: RefineSettings,
): SequenceFrame {
  return {
    ...frame,
    ...{ latent, coordinates, losses, history, steps, stopReason },
    origin: refinedOrigin(frame.origin, settings),
  };
}
