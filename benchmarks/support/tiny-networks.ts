import { tinyGenerator, tinyLandmarkNet, tinyPerceptualNet } from '@faceanim/core/testing';
import type { OriginalNetworks } from './original-networks';

/** Networks of 16 pixels: what a software GPU computes in a fraction of a second. */
export function tinyNetworks(): OriginalNetworks {
  const [generator, landmarkNet, perceptual] = [tinyGenerator(), tinyLandmarkNet(), tinyPerceptualNet()];
  return {
    generator,
    landmarkNet,
    perceptual,
    [Symbol.dispose]() {
      for (const network of [generator, landmarkNet, perceptual]) network[Symbol.dispose]();
    },
  };
}
