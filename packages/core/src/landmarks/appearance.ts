import type { RgbImage } from '../contracts/image';
import { imageToQuad } from '../images/quad';
import { cropQuad } from '../images/warp';
import type { LocatedFace } from './locate-face';

/** What tells one face from another, independent of where it is: its landmarks and colours in its own quad. */
export interface Appearance {
  /** Landmarks in sides of the quad. */
  readonly shape: Float64Array;
  /** Colours of the inner half of the quad, 0..1, on a coarse grid. */
  readonly colours: Float64Array;
}

const grid = 8;

export function appearanceOf(image: RgbImage, { quad, landmarks }: LocatedFace): Appearance {
  const { center, x, y } = quad;
  const inner = { center, x: [x[0] / 2, x[1] / 2], y: [y[0] / 2, y[1] / 2] } as const;
  return {
    shape: imageToQuad(landmarks, quad, 1),
    colours: Float64Array.from(cropQuad(image, inner, grid).data, (value) => value / 255),
  };
}

/**
 * Mean differences of shape and colours that another face reaches. Measured on the test clips: in a second the same face
 * changes by up to 0.035 and 0.063, from frame to frame by up to 0.008 and 0.024; two people differ by 0.02 and 0.14 on
 * average.
 */
const otherShape = 0.04;
const otherColours = 0.08;

/** How much two faces differ: below 1 they may be the same person's. */
export function difference(a: Appearance, b: Appearance): number {
  let shape = 0;
  for (let i = 0; i < a.shape.length; i += 2) {
    shape += Math.hypot(a.shape[i]! - b.shape[i]!, a.shape[i + 1]! - b.shape[i + 1]!);
  }
  shape /= a.shape.length / 2;
  const colours =
    a.colours.reduce((sum, value, i) => sum + Math.abs(value - b.colours[i]!), 0) / a.colours.length;
  return Math.max(shape / otherShape, colours / otherColours);
}

/** `a`, moved towards `b` by `share`. */
export function blendAppearance(a: Appearance, b: Appearance, share: number): Appearance {
  const blend = (p: Float64Array, q: Float64Array) => p.map((value, i) => value + share * (q[i]! - value));
  return { shape: blend(a.shape, b.shape), colours: blend(a.colours, b.colours) };
}
