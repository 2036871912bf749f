import { timeLeft } from '@faceanim/tensor';
import type { OnProgress } from '../contracts/progress';

interface ClockOptions {
  frames?: number;
  steps: { first: number; next: number };
  /** Whether the first step also compiles what later ones run, so that its time tells nothing about theirs. */
  compiles: boolean;
  onProgress?: OnProgress;
}

/** Frames that are optimised together. */
interface Window {
  /** Which frame of the run the first of them is. */
  readonly first: number;
  readonly count: number;
  /** Index of the last of them in the driver. */
  readonly frame: number;
}

type Losses = Readonly<Record<string, number>>;

/** Turns steps into progress events with the share done, the time left and the mean time of a step. */
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
    /** Frames that were finished earlier. */
    skip(window: Window): void {
      report(window, before(window.first + window.count));
    },
    /** The first step of a window is about to be taken. */
    begin(window: Window, stepsOfFrame: number): void {
      const done = before(window.first);
      if (!compiles) left.start(done);
      pace.begin();
      report(window, done, { steps: stepsOfFrame });
    },
    /** A step whose losses were read: one of each frame of the window. */
    step(window: Window, step: number, stepsOfFrame: number, losses: Losses): void {
      const done = before(window.first) + window.count * (step + 1);
      left.start(done);
      pace.note(step);
      report(window, done, { step, steps: stepsOfFrame, losses });
    },
  };
}

/** Measures steps alone: neither what is done between windows nor a first step that compiles. */
function stepTimer(compiles: boolean) {
  let [ms, steps] = [0, 0];
  let last = { at: 0, step: -1 };
  let cold = compiles;
  return {
    /** The first step of a window is about to be taken. */
    begin(): void {
      last = { at: performance.now(), step: -1 };
    },
    /** Steps up to this one were taken. */
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
