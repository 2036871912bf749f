import {
  centredSquare,
  detectLandmarks,
  eyeOpening,
  type LandmarkNet,
  type Landmarks,
  mouthOpening,
  pearson,
  type RgbImage,
  slope,
} from '@faceanim/core';

/** Agreement of a measure over time: correlation, and slope of the result against the driver. */
export interface Agreement {
  readonly correlation: number;
  readonly slope: number;
}

/** How well a result follows its driver. */
export interface Following {
  readonly mouth: Agreement;
  readonly eyes: Agreement;
}

/** Mouth and eye opening over time: landmarks of the driver against those that the network sees in the result. */
export async function follow(
  driver: readonly Landmarks[],
  results: readonly RgbImage[],
  net: LandmarkNet,
): Promise<Following> {
  const result: Landmarks[] = [];
  for (const image of results)
    result.push((await detectLandmarks(image, centredSquare(image), net)).landmarks);
  const compare = (measure: (landmarks: Landmarks) => number): Agreement => {
    const [a, b] = [driver.map(measure), result.map(measure)];
    return { correlation: pearson(a, b), slope: slope(a, b) };
  };
  return { mouth: compare(mouthOpening), eyes: compare(eyeOpening) };
}
