import type { ImageTensor } from '@faceanim/tensor';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { LatentStatistics } from './latent-statistics';

/**
 * Noise maps of a synthesis network by layer name (`b64.conv1`), each `[height, width]`.
 *
 * @category Networks and backends
 */
export type NoiseMaps = Readonly<Record<string, Tensor2D>>;

/**
 * Options of {@link Generator.mapping}.
 *
 * @category Networks and backends
 */
export interface MappingOptions {
  /** Class labels `[N, cDim]`, for conditional generators only. */
  c?: Tensor2D;
  /** Truncation psi: 1 leaves the latent as it is, 0 returns the mean latent. Default 1. */
  truncationPsi?: number;
  /** Number of layers to truncate. Default: all. */
  truncationCutoff?: number;
}

/**
 * Options of {@link Generator.synthesis}.
 *
 * @category Networks and backends
 */
export interface SynthesisOptions {
  /**
   * `const`: the noise maps of the checkpoint; `none`: no noise; `random`: new noise from `seed`; or your own maps for some
   * or all layers, where the other layers use those of the checkpoint. Default `const`.
   */
  noise?: 'const' | 'none' | 'random' | NoiseMaps;
  /** Seed of `random` noise; the same seed draws the same image. Default 0. */
  seed?: number;
  /**
   * Side of the image in pixels: that of one of the generator's {@link Generator.stops}, or its own resolution (default).
   */
  resolution?: number;
}

/**
 * A place where a generator can stop with a smaller image, which looks about like the whole one shrunk; see
 * {@link Generator.stops}.
 *
 * @category Networks and backends
 */
export interface SynthesisStop {
  /** Width and height of the smaller image in pixels. */
  readonly resolution: number;
  /** How many of the latents w it depends on, from the first. */
  readonly numWs: number;
}

/**
 * A frozen StyleGAN-like face generator, x = synthesis(mapping(z)). Differentiable in the W+ latents `[N, numWs, wDim]` and
 * in the noise maps.
 *
 * @category Networks and backends
 */
export interface Generator extends Disposable {
  readonly specificationVersion: 'v1';
  readonly zDim: number;
  readonly wDim: number;
  /** Length of the class label; 0 if the network is unconditional. */
  readonly cDim: number;
  /** Number of layers that take a latent w. */
  readonly numWs: number;
  /** Width and height of the image in pixels. */
  readonly resolution: number;
  /** Where `synthesis` can stop, from small to large. Default: nowhere. */
  readonly stops?: readonly SynthesisStop[];
  /** The mean latent tracked in training, `[wDim]`, if the checkpoint has one. */
  readonly wAvg: Float32Array | undefined;
  /** The statistics of its latents, if they are known: runs then need not sample them. */
  readonly statistics?: LatentStatistics;
  /** The noise maps of the checkpoint; empty if there are none. They belong to the generator: do not dispose them. */
  readonly noiseMaps: NoiseMaps;
  /** Maps random vectors z `[N, zDim]` to latents W+ `[N, numWs, wDim]`. */
  mapping(z: Tensor2D, options?: MappingOptions): Tensor3D;
  /**
   * Draws latents W+ `[N, numWs, wDim]` as RGB `[N, resolution, resolution, 3]`, about -1..1, not clamped.
   *
   * @throws {FaceanimError} `invalid-option`, also for a `resolution` that it cannot stop at.
   */
  synthesis(ws: Tensor3D, options?: SynthesisOptions): ImageTensor<'signed'>;
}
