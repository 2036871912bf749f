/**
 * Mean, deviation and covariance of the latents w of a generator.
 *
 * @category Latents and pictures
 */
export interface LatentStatistics {
  readonly wDim: number;
  /** Mean latent ŵ, `[wDim]`. */
  readonly mean: Float32Array;
  /** Standard deviation over all dimensions together, `√(Σ‖w - ŵ‖² / n)`, as in the StyleGAN2 projector. */
  readonly std: number;
  /** Covariance of w, `[wDim, wDim]`, row by row. */
  readonly covariance: Float64Array;
  /** How they were sampled. On `resume` this is compared; without it the numbers are. */
  readonly sampled?: { readonly samples: number; readonly seed: number };
}
