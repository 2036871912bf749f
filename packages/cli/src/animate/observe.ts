import type { LandmarkNet, ProjectedFrame, RgbImage, SequenceFrame } from '@faceanim/core';
import { centredSquare, detectLandmarks, type Landmarks } from '@faceanim/core/landmarks';
import { SheetFrames } from '../report/sheet-frames';

/** A finished frame and what a report says about its driver frame, without pictures. */
export interface ObservedFrame extends ProjectedFrame {
  readonly driver: Pick<SequenceFrame['driver'], 'index' | 'landmarks'>;
}

/** Learns what a report needs while the frames of a run pass. All pictures of a long run would not fit into memory. */
export class Observer {
  readonly sheet: SheetFrames;
  /** Landmarks of the results, one for each driver frame. */
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
    for await (const { driver, ...frame } of frames) {
      const { index, landmarks, image } = driver;
      this.sheet.addDriver(frame.index, index, image);
      yield { ...frame, driver: { index, landmarks } };
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
      this.landmarks.push(landmarks);
    } catch (error) {
      this.failure = error;
    }
  }
}
