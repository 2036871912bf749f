import type { OnProgress } from '../contracts/progress';

interface ClockOptions {
  frames?: number;
  steps: { first: number; next: number };
  onProgress?: OnProgress;
}

/** Frames that are optimised together. */
interface Window {
  readonly first: number;
  readonly count: number;
}

type Losses = Readonly<Record<string, number>>;

/** Turns steps into progress events with the share done and the time left, from the mean time of a step so far. */
export function progressClock({ frames, steps, onProgress }: ClockOptions) {
  const before = (frame: number) => (frame === 0 ? 0 : steps.first + (frame - 1) * steps.next);
  const all = frames === undefined ? undefined : before(frames);
  let started: number | undefined;
  let startedAt = 0;
  return {
    /** Frames that were finished earlier. */
    skip({ first, count }: Window): void {
      onProgress?.({
        stage: 'optimize',
        frame: first + count - 1,
        frames,
        ...(all ? { fraction: before(first + count) / all } : {}),
      });
    },
    /** A step whose losses were read: one of each frame of the window. */
    step({ first, count }: Window, step: number, stepsOfFrame: number, losses: Losses): void {
      const done = before(first) + count * (step + 1);
      started ??= performance.now();
      startedAt ||= done;
      const perStep = (performance.now() - started) / Math.max(1, done - startedAt);
      onProgress?.({
        stage: 'optimize',
        frame: first + count - 1,
        frames,
        step,
        steps: stepsOfFrame,
        losses,
        ...(all ? { fraction: done / all } : {}),
        ...(all && done > startedAt ? { etaSeconds: ((all - done) * perStep) / 1000 } : {}),
      });
    },
  };
}
