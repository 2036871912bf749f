import type { ImageTensor } from '@faceanim/tensor';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';

/** Noise maps of a synthesis network by layer name (`b64.conv1`), each `[height, width]`. */
export type NoiseMaps = Readonly<Record<string, Tensor2D>>;

/** Options of {@link Generator.mapping}. */
export interface MappingOptions {
  /** Class labels `[N, cDim]`, for conditional generators only. */
  c?: Tensor2D;
  /** Truncation psi: 1 changes nothing, 0 gives the mean latent. Default 1. */
  truncationPsi?: number;
  /** Number of layers that are truncated. Default all. */
  truncationCutoff?: number;
}

/** Options of {@link Generator.synthesis}. */
export interface SynthesisOptions {
  /**
   * `const`: the noise maps of the checkpoint; `none`: no noise; `random`: fresh noise of a seed; or maps of one's own
   * for some or all layers (the others take those of the checkpoint). Default `const`.
   */
  noise?: 'const' | 'none' | 'random' | NoiseMaps;
  /** Seed of `random` noise: the same seed gives the same picture. Default 0. */
  seed?: number;
}

/**
 * A frozen face generator, x = synthesis(mapping(z)), differentiable in `ws` and in the noise maps.
 * Latents W+ are `[N, numWs, wDim]`.
 */
export interface Generator extends Disposable {
  readonly specificationVersion: 'v1';
  readonly zDim: number;
  readonly wDim: number;
  /** Length of the class label, 0 where the network is unconditional. */
  readonly cDim: number;
  /** Number of latents that synthesis takes, one a layer. */
  readonly numWs: number;
  /** Width and height of the image in pixels. */
  readonly resolution: number;
  /** The tracked mean latent of the checkpoint, `[wDim]`, where it has one. */
  readonly wAvg: Float32Array | undefined;
  /** The noise maps of the checkpoint; owned by the generator, not to be disposed. Empty where it takes none. */
  readonly noiseMaps: NoiseMaps;
  /** z `[N, zDim]` to W+ `[N, numWs, wDim]`. */
  mapping(z: Tensor2D, options?: MappingOptions): Tensor3D;
  /** W+ `[N, numWs, wDim]` to RGB `[N, resolution, resolution, 3]`, about -1..1, not clamped. */
  synthesis(ws: Tensor3D, options?: SynthesisOptions): ImageTensor<'signed'>;
}
