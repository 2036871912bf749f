import type { Landmarks } from '../landmarks/measures';
import type { RgbImage } from './image';

/** A face to be encoded: who it looks like, and where its landmarks are. */
export interface FaceToEncode {
  /** The look, aligned as the generator's training pictures are; of any size. */
  readonly look: RgbImage;
  /** Where its landmarks should be, as fractions of the aligned picture's side: 0..1 inside it. */
  readonly landmarks: Landmarks;
}

/**
 * Guesses a latent at a glance, for the optimisation to start from. Guesses for two sets of landmarks also tell how a
 * latent has to move to follow a driver: their difference. An encoder belongs to one generator.
 */
export interface Encoder {
  readonly specificationVersion: 'v1';
  /** Length of w; that of its generator. */
  readonly wDim: number;
  /** w `[wDim]` of a face that has about this look and these landmarks. */
  encode(face: FaceToEncode): Float32Array | Promise<Float32Array>;
}
