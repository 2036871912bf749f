import { imageToTensor, type PerceptualNet, type RgbImage } from '@faceanim/core';
import * as tf from '@tensorflow/tfjs-core';
import { mean } from '../../../packages/cli/src/report/series';

/** Mean LPIPS of pairs of pictures. */
export async function perceptualDistance(
  net: PerceptualNet,
  pairs: readonly (readonly [RgbImage, RgbImage])[],
): Promise<number> {
  const distances: number[] = [];
  for (const pair of pairs) {
    const distance = tf.tidy(() => {
      const [a, b] = pair.map((image) => net.features(imageToTensor(image, 'signed')));
      return net.distance(a!, b!);
    });
    distances.push((await distance.data())[0]!);
    distance.dispose();
  }
  return mean(distances);
}
