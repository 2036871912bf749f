import { invalidOption } from '@faceanim/tensor';
import type { Encoder } from '../contracts/encoder';
import type { Generator } from '../contracts/generator';
import type { RgbImage } from '../contracts/image';
import type { AlignedFrame } from '../landmarks/track';
import type { LatentSpace } from '../latents/latent-space';

/** An encoder's guess for a driver frame, in the coordinates of the space. */
export type Guess = (driver: AlignedFrame) => Promise<Float32Array>;

/** The guesses of an encoder for a look. Each is kept as long as its frame, since the frame after starts from it too. */
export function guesses(encoder: Encoder, look: RgbImage, space: LatentSpace, { numWs }: Generator): Guess {
  const known = new WeakMap<AlignedFrame, Promise<Float32Array>>();
  const ask: Guess = async ({ index, image, alignedLandmarks }) => {
    const landmarks = alignedLandmarks.map((value, i) => value / (i % 2 === 0 ? image.width : image.height));
    const w = await encoder.encode({ look, landmarks });
    if (w.length !== encoder.wDim || !w.every(Number.isFinite)) {
      const given = `one that gave [${w.length}] numbers for driver frame ${index}`;
      throw invalidOption('encoder', given, `one that gives [${encoder.wDim}] finite numbers`);
    }
    return space.fromWs(Float32Array.from({ length: numWs * w.length }, (_, i) => w[i % w.length]!));
  };
  return (driver) => {
    const guess = known.get(driver) ?? ask(driver);
    known.set(driver, guess);
    return guess;
  };
}
