import { timeLeft } from '@faceanim/tensor';
import type { OnProgress } from '../contracts/progress';

interface ClockOptions {
  frames?: number;
  steps: { first: number; next: number };
  /** Whether the first step also compiles programs; its time is then not counted. */
  compiles: boolean;
  onProgress?: OnProgress;
}

/** Frames optimised together. */
interface Window {
  /** Index of the first one in the run. */
  readonly first: number;
  readonly count: number;
  /** Index of the last one in the driver. */
  readonly frame: number;
}

type Losses = Readonly<Record<string, number>>;

/** Turns steps into progress events with the share done, the remaining time and the mean time per step. */
export function progressClock({ frames, steps, compiles, onProgress }: ClockOptions) {
  const before = (frame: number) => (frame === 0 ? 0 : steps.first + (frame - 1) * steps.next);
  const all = frames === undefined ? undefined : before(frames);
  const left = timeLeft(all);
  const pace = stepTimer(compiles);

  const report = (
    { first, count, frame }: Window,
    done: number,
    more: { steps?: number; step?: number; losses?: Losses } = {},
  ) => {
    const etaSeconds = left.seconds(done);
    const msPerStep = pace.mean();
    onProgress?.({
      stage: 'optimize',
      frame,
      position: first + count - 1,
      frames,
      ...more,
      ...(all ? { fraction: Math.min(1, done / all) } : {}),
      ...(etaSeconds !== undefined ? { etaSeconds } : {}),
      ...(msPerStep !== undefined ? { msPerStep } : {}),
    });
  };
  return {
    /** Reports frames that were resumed. */
    skip(window: Window): void {
      report(window, before(window.first + window.count));
    },
    /** Call before the first step of a window. */
    begin(window: Window, stepsOfFrame: number): void {
      const done = before(window.first);
      if (!compiles) left.start(done);
      pace.begin();
      report(window, done, { steps: stepsOfFrame });
    },
    /** Reports a step whose losses were read. */
    step(window: Window, step: number, stepsOfFrame: number, losses: Losses): void {
      const done = before(window.first) + window.count * (step + 1);
      left.start(done);
      pace.note(step);
      report(window, done, { step, steps: stepsOfFrame, losses });
    },
  };
}

/** Measures the time of steps, without the time between windows and without a first step that compiles. */
function stepTimer(compiles: boolean) {
  let [ms, steps] = [0, 0];
  let last = { at: 0, step: -1 };
  let cold = compiles;
  return {
    /** Call before the first step of a window. */
    begin(): void {
      last = { at: performance.now(), step: -1 };
    },
    /** Call after a step, not necessarily every one. */
    note(step: number): void {
      const at = performance.now();
      if (!cold) {
        ms += at - last.at;
        steps += step - last.step;
      }
      cold = false;
      last = { at, step };
    },
    mean: (): number | undefined => (steps > 0 ? ms / steps : undefined),
  };
}
