import type { OnProgress } from '../contracts/progress';

interface ClockOptions {
  frames?: number;
  steps: { first: number; next: number };
  onProgress?: OnProgress;
}

/** Turns steps into progress events with the share done and the time left, from the mean time of a step so far. */
export function progressClock({ frames, steps, onProgress }: ClockOptions) {
  const before = (frame: number) => (frame === 0 ? 0 : steps.first + (frame - 1) * steps.next);
  const all = frames === undefined ? undefined : before(frames);
  let started: number | undefined;
  let startedAt = 0;
  return {
    /** A frame that was finished earlier. */
    skip(frame: number): void {
      onProgress?.({
        stage: 'optimize',
        frame,
        frames,
        ...(all ? { fraction: before(frame + 1) / all } : {}),
      });
    },
    /** A step whose losses were read. */
    step(frame: number, step: number, stepsOfFrame: number, losses: Readonly<Record<string, number>>): void {
      const done = before(frame) + step + 1;
      started ??= performance.now();
      startedAt ||= done;
      const perStep = (performance.now() - started) / Math.max(1, done - startedAt);
      onProgress?.({
        stage: 'optimize',
        frame,
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
