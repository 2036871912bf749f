import { timeLeft } from '@faceanim/tensor';
import type { OnProgress } from '../contracts/progress';

interface ClockOptions {
  /** Default `optimize`. */
  stage?: 'optimize' | 'refine';
  frames?: number;
  /** Number of shots. Default 1. */
  shots?: number;
  steps: { look: number; first: number; next: number };
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
export function progressClock(options: ClockOptions) {
  const { stage = 'optimize', frames, shots = 1, steps, compiles, onProgress } = options;
  const all =
    frames === undefined ? undefined : steps.look + shots * steps.first + (frames - shots) * steps.next;
  const ofFrames = all === undefined ? undefined : all - steps.look;
  /** Steps of the look and of the windows before, and of this one. */
  let [before, own] = [steps.look, 0];
  const left = timeLeft(all);
  const pace = stepTimer(compiles);

  const report = (
    { first, count, frame }: Window,
    done: number,
    more: { steps?: number; step?: number; losses?: Losses } = {},
  ) => {
    const msPerStep = pace.mean();
    onProgress?.({
      stage,
      frame,
      position: first + count - 1,
      frames,
      ...more,
      ...left.at(done),
      // The time that is left counts the look; the share of the stage starts over after it.
      ...(ofFrames ? { fraction: Math.min(1, (done - steps.look) / ofFrames) } : {}),
      ...(msPerStep !== undefined ? { msPerStep } : {}),
    });
  };
  const enter = ({ count }: Window, stepsOfFrame: number) => {
    before += own;
    own = count * stepsOfFrame;
  };
  return {
    /** Reports a step of the look whose losses were read, or with -1 that the first is about to begin. */
    look(step: number, losses?: Losses): void {
      if (step >= 0 || !compiles) left.start(step + 1);
      onProgress?.({
        stage: 'look',
        steps: steps.look,
        ...(losses ? { step, losses } : {}),
        ...left.at(step + 1),
        fraction: (step + 1) / steps.look,
      });
    },
    /** Reports that the look was projected by an earlier run. */
    keptLook(): void {
      onProgress?.({ stage: 'look', steps: steps.look, fraction: 1, kept: true });
    },
    /** Reports frames that were resumed. */
    skip(window: Window, stepsOfFrame: number): void {
      enter(window, stepsOfFrame);
      report(window, before + own);
    },
    /** Call before the first step of a window. */
    begin(window: Window, stepsOfFrame: number): void {
      enter(window, stepsOfFrame);
      if (!compiles) left.start(before);
      pace.begin();
      report(window, before, { steps: stepsOfFrame });
    },
    /** Reports a step whose losses were read. */
    step(window: Window, step: number, stepsOfFrame: number, losses: Losses): void {
      const done = before + window.count * (step + 1);
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
