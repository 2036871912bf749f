import type { LandmarkNet, ProjectedFrame, RgbImage, SequenceFrame } from '@faceanim/core';
import { centredSquare, detectLandmarks, type Landmarks } from '@faceanim/core/landmarks';
import { SheetFrames } from '../report/sheet-frames';
import { type DriverClock, driverTime, type Moment } from './timing';

/** What a report says about a finished frame and its driver frame, without latents and pictures. */
export interface ObservedFrame extends Pick<ProjectedFrame, 'index' | 'losses' | 'history' | 'steps'> {
  readonly driver: Pick<SequenceFrame['driver'], 'index' | 'shot' | 'found'>;
  /** Landmarks in the aligned picture, from 0 to 1: the driver's, and the target if it is another. */
  readonly landmarks: { readonly driver: Landmarks; readonly target?: Landmarks };
  /** How long it took, refinement included; the first also reads and tracks the driver, and frames of an earlier run take no time. */
  readonly seconds: number;
  /** When it is shown, in seconds from the first driver frame used. */
  readonly time: number;
}

/** How a frame was optimised. */
type Passes = Pick<ObservedFrame, 'steps' | 'history' | 'seconds'>;

/** Learns what a report needs while the frames of a run pass. All pictures of a long run would not fit into memory. */
export class Observer {
  readonly sheet: SheetFrames;
  /** The frames that have passed. */
  readonly frames: ObservedFrame[] = [];
  /** Landmarks of the results, one for each driver frame, from 0 to 1. */
  readonly landmarks: Landmarks[] = [];
  /** Why there are no more landmarks; the animation goes on without. */
  failure: unknown;

  /** When driver frames whose results are to come are shown. */
  readonly #waiting: number[] = [];
  /** Frames that are still to be refined, and how long they took. */
  readonly #passed = new Map<number, Passes>();
  /** When the work on the next frame began. */
  #began = performance.now();

  /**
   * @param frames Number of driver frames, if it is known.
   */
  constructor(
    readonly net: LandmarkNet,
    readonly clock: DriverClock,
    frames?: number,
  ) {
    this.sheet = new SheetFrames(frames);
  }

  /** Takes a frame of the first pass, which is refined later. */
  firstPass({ index, steps, history }: ProjectedFrame): void {
    this.#passed.set(index, { steps, history, seconds: this.#lap() });
  }

  /** Passes frames on without the driver, and with the time at which they are shown. Notes what is to be reported of them. */
  async *drivers(
    frames: AsyncIterable<SequenceFrame>,
  ): AsyncGenerator<ProjectedFrame & Pick<ObservedFrame, 'time'>> {
    this.#lap();
    for await (const { driver, ...frame } of frames) {
      const passes = this.#bothPasses(frame, this.#lap());
      const { index, shot, found, image, alignedLandmarks, targetLandmarks } = driver;
      const relative = (landmarks: Landmarks) => landmarks.map((value) => value / image.width);
      const landmarks = {
        driver: relative(alignedLandmarks),
        target: targetLandmarks && relative(targetLandmarks),
      };
      this.sheet.addDriver(frame.index, {
        index,
        driver: image,
        target: landmarks.target ?? landmarks.driver,
      });
      const time = driverTime(this.clock, index);
      this.#waiting.push(time);
      const { losses } = frame;
      this.frames.push({
        ...{ index: frame.index, losses, driver: { index, shot, found }, landmarks, time },
        ...passes,
      });
      yield { ...frame, time };
      this.#lap();
    }
  }

  /** Steps, history and time of a refined frame are those of both passes. */
  #bothPasses({ index, steps, history, origin }: ProjectedFrame, seconds: number): Passes {
    const before = this.#passed.get(index);
    if (!before) return { steps, history, seconds };
    this.#passed.delete(index);
    const both = before.seconds + seconds;
    // The first frame of a shot stays as it is.
    if (origin.settings['refine.window'] === undefined) return { steps, history, seconds: both };
    const refined = history.map(({ step, total }) => ({ step: before.steps + step, total }));
    return { seconds: both, steps: before.steps + steps, history: [...before.history, ...refined] };
  }

  /** Seconds since it was last called. */
  #lap(): number {
    const [began, now] = [this.#began, performance.now()];
    this.#began = now;
    return (now - began) / 1000;
  }

  /** Passes on the frames of the animation. The first image from the time of a driver frame on is its result. */
  async *results(images: AsyncIterable<RgbImage>, drawn: Iterator<Moment>): AsyncGenerator<RgbImage> {
    let position = 0;
    for await (const image of images) {
      const { time, shown } = drawn.next().value as Moment;
      for (; this.#waiting.length > 0 && this.#waiting[0]! <= time; this.#waiting.shift()) {
        await this.#result(position++, image);
      }
      if (shown) yield image;
    }
  }

  async #result(position: number, image: RgbImage): Promise<void> {
    this.sheet.addResult(position, image);
    if (this.failure !== undefined) return;
    try {
      const { landmarks } = await detectLandmarks(image, centredSquare(image), this.net);
      this.landmarks.push(landmarks.map((value) => value / image.width));
    } catch (error) {
      this.failure = error;
    }
  }
}
