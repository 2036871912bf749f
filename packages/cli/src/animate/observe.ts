import type { LandmarkNet, ProjectedFrame, RgbImage, SequenceFrame } from '@faceanim/core';
import { centredSquare, detectLandmarks, type Landmarks } from '@faceanim/core/landmarks';
import { SheetFrames } from '../report/sheet-frames';

/** A finished frame and what a report says about its driver frame, without pictures. */
export interface ObservedFrame extends ProjectedFrame {
  readonly driver: Pick<SequenceFrame['driver'], 'index' | 'shot' | 'found'>;
  /** Landmarks in the aligned picture, from 0 to 1: the driver's, and the target if it is another. */
  readonly landmarks: { readonly driver: Landmarks; readonly target?: Landmarks };
  /** How long it took; the first also reads and tracks the driver, and frames of an earlier run take no time. */
  readonly seconds: number;
}

/** Learns what a report needs while the frames of a run pass. All pictures of a long run would not fit into memory. */
export class Observer {
  readonly sheet: SheetFrames;
  /** Landmarks of the results, one for each driver frame, from 0 to 1. */
  readonly landmarks: Landmarks[] = [];
  /** Why there are no more landmarks; the animation goes on without. */
  failure: unknown;

  /** @param frames Number of driver frames, if it is known. */
  constructor(
    readonly net: LandmarkNet,
    frames?: number,
  ) {
    this.sheet = new SheetFrames(frames);
  }

  /** Passes frames on without the driver's pictures. */
  async *drivers(frames: AsyncIterable<SequenceFrame>): AsyncGenerator<ObservedFrame> {
    let started = performance.now();
    for await (const { driver, ...frame } of frames) {
      const seconds = (performance.now() - started) / 1000;
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
      yield { ...frame, driver: { index, shot, found }, landmarks, seconds };
      started = performance.now();
    }
  }

  /** Passes images on, of which every `subframes`-th is the result of a driver frame. */
  async *results(images: AsyncIterable<RgbImage>, subframes: number): AsyncGenerator<RgbImage> {
    let index = 0;
    for await (const image of images) {
      if (index % subframes === 0) await this.#result(index / subframes, image);
      index++;
      yield image;
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
