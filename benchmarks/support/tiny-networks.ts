import { tinyGenerator, tinyLandmarkNet, tinyPerceptualNet } from '@faceanim/core/testing';
import { disposedTogether, type OriginalNetworks } from './original-networks';

/** Networks of 16 pixels, which a software GPU runs in a fraction of a second. */
export function tinyNetworks(): OriginalNetworks {
  return disposedTogether({
    generator: tinyGenerator(),
    landmarkNet: tinyLandmarkNet(),
    perceptual: tinyPerceptualNet(),
  });
}
