import { invalidOption } from '@faceanim/tensor';
import type { Encoder } from '../contracts/encoder';
import type { Generator } from '../contracts/generator';
import type { RgbImage } from '../contracts/image';
import type { TargetedFrame } from '../contracts/motion-target';
import type { LatentSpace } from '../latents/latent-space';

/** An encoder's guess for a driver frame, in the coordinates of the space. */
export type Guess = (driver: TargetedFrame) => Promise<Float32Array>;

/** The guesses of an encoder for a look, cached by driver frame: the next frame starts from the guess as well. */
export function guesses(encoder: Encoder, look: RgbImage, space: LatentSpace, { numWs }: Generator): Guess {
  const cache = new WeakMap<TargetedFrame, Promise<Float32Array>>();
  const compute: Guess = async ({ index, image, alignedLandmarks, targetLandmarks = alignedLandmarks }) => {
    const landmarks = targetLandmarks.map((value, i) => value / (i % 2 === 0 ? image.width : image.height));
    const w = await encoder.encode({ look, landmarks });
    if (w.length !== encoder.wDim || !w.every(Number.isFinite)) {
      const given = `one that returned [${w.length}] numbers for driver frame ${index}`;
      throw invalidOption('encoder', given, `one that returns [${encoder.wDim}] finite numbers`);
    }
    return space.fromWs(Float32Array.from({ length: numWs * w.length }, (_, i) => w[i % w.length]!));
  };
  return (driver) => {
    const guess = cache.get(driver) ?? compute(driver);
    cache.set(driver, guess);
    return guess;
  };
}
