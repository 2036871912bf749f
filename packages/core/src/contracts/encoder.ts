import type { Landmarks } from '../landmarks/measures';
import type { RgbImage } from './image';

/**
 * The face that an {@link Encoder} encodes: its appearance and its landmarks.
 *
 * @category Networks and backends
 */
export interface FaceToEncode {
  /** The source image, aligned as the generator's training images are; of any size. */
  readonly look: RgbImage;
  /** The landmarks it should have, as fractions of the aligned image's side: 0..1 inside it. */
  readonly landmarks: Landmarks;
}

/**
 * Guesses the latent of a face, from which the optimisation starts. The difference of two guesses, for two sets of
 * landmarks, estimates how the latent moves when the landmarks do. An encoder belongs to one generator.
 *
 * @category Networks and backends
 */
export interface Encoder {
  readonly specificationVersion: 'v1';
  /** Length of the latent w of its generator. */
  readonly wDim: number;
  /**
   * The `generatorFingerprint` of its generator; a run with another generator is refused. Default: any generator with
   * this `wDim` is accepted.
   */
  readonly generator?: Float32Array;
  /** Returns w `[wDim]` of a face with about this look and these landmarks. */
  encode(face: FaceToEncode): Float32Array | Promise<Float32Array>;
}
