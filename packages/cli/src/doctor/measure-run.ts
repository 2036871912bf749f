import { type ProjectSequenceOptions, projectSequence, type RgbImage } from '@faceanim/core';
import { FaceanimError, throwIfAborted } from '@faceanim/tensor';
import { describeEvent } from '../terminal/progress';

/** What is run: networks, backend and look of a run, and the pictures of its driver. */
export type MeasuredRun = Omit<ProjectSequenceOptions, 'driver' | 'steps' | 'signal' | 'onProgress'> & {
  readonly driver: readonly RgbImage[];
};

/** Options of {@link measureRun}. */
export interface MeasureRunOptions {
  /** Steps to measure, after one that compiles and warms up. */
  readonly steps: number;
  /** Ends the steps and the tracking after so many milliseconds each; at least one of both is measured. */
  readonly maxMs: number;
  readonly signal?: AbortSignal;
  /** Called with what the run does, and how far it is: `latent statistics, 40 %`. */
  readonly onPart?: (what: string) => void;
}

/** Times of a run, in milliseconds. */
export interface RunTimes {
  /** Per frame of the driver in which the face was tracked, without the first and the last one. */
  readonly frames: readonly number[];
  /** Per step. A GPU reads its losses every few steps; then each is the mean of these. */
  readonly steps: readonly number[];
}

/** Measures a run as the demo does it: tracking the driver, and the steps of its first frame. */
export async function measureRun(
  { driver, ...run }: MeasuredRun,
  { steps, maxMs, signal, onPart }: MeasureRunOptions,
): Promise<RunTimes> {
  const stop = new AbortController();
  const tracked: number[] = [];
  const taken: { step: number; at: number }[] = [];
  const frames = projectSequence({
    ...run,
    driver: during(driver, maxMs),
    steps: { look: 0, first: steps + 1 },
    // The pictures are crops of a face: there is nothing to search for.
    tracking: { align: 'none', minScore: 0 },
    earlyStopping: false,
    signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
    // The estimate is that of a run that takes all steps, however long they are.
    onProgress: ({ etaSeconds: _tooLong, ...event }) => {
      const at = performance.now();
      onPart?.(describeEvent(event));
      const { stage, step } = event;
      if (stage === 'track') tracked.push(at);
      if (stage !== 'optimize' || step === undefined) return;
      taken.push({ step, at });
      if (taken.length > 1 && at - taken[0]!.at > maxMs) stop.abort();
    },
  });
  try {
    await frames.next();
  } catch (error) {
    if (!FaceanimError.isInstance(error, 'aborted')) throw error;
  } finally {
    await frames.return(undefined);
  }
  throwIfAborted(signal);
  return {
    // The event of a frame comes before it is tracked.
    frames: tracked.slice(2).map((at, i) => at - tracked[i + 1]!),
    steps: taken.slice(1).map(({ step, at }, i) => (at - taken[i]!.at) / (step - taken[i]!.step)),
  };
}

/** As many frames as are read within a time, at least three. */
async function* during(pictures: readonly RgbImage[], ms: number) {
  const started = performance.now();
  for (const [index, image] of pictures.entries()) {
    if (index >= 3 && performance.now() - started > ms) return;
    yield { index, image };
  }
}
