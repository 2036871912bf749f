/**
 * How the learning rate rises and falls over the steps of a frame: the schedule of the StyleGAN2 projector.
 *
 * @category Optimizers and presets
 */
export interface LearningRateSchedule {
  /** The highest learning rate. */
  rate: number;
  /** Share of the steps over which it rises from 0. Default 0.05. */
  rampUp?: number;
  /** Share of the steps at the end over which it falls to 0 along a cosine. Default 0.25. */
  rampDown?: number;
  /** 0: the first step has rate 0, as in the original program. 1 (default): the first step is already used. */
  offset?: 0 | 1;
}

/** The learning rate at a step, as in the StyleGAN2 projector (Karras et al. 2020, arXiv 1912.04958, appendix D). */
export function learningRateAt(
  { rate, rampUp = 0.05, rampDown = 0.25, offset = 1 }: LearningRateSchedule,
  step: number,
  steps: number,
): number {
  const t = (step + offset) / (steps + offset);
  const down = rampDown > 0 ? Math.min(1, (1 - t) / rampDown) : 1;
  const up = rampUp > 0 ? Math.min(1, t / rampUp) : 1;
  return rate * (0.5 - 0.5 * Math.cos(down * Math.PI)) * up;
}

/**
 * How latent noise fades over the steps of a frame. Its standard deviation is relative to that of natural latents.
 *
 * @category Optimizers and presets
 */
export interface LatentNoiseSchedule {
  /** Relative standard deviation at step 0; 0.05 in the original program, 0 turns it off. */
  factor: number;
  /** Share of the steps after which there is no noise. Default 0.75. */
  ramp?: number;
}

/** The relative latent noise at a step, as in the StyleGAN2 projector: `factor · max(0, 1 - t/ramp)²`. */
export function latentNoiseAt(
  { factor, ramp = 0.75 }: LatentNoiseSchedule,
  step: number,
  steps: number,
): number {
  return factor * Math.max(0, 1 - step / steps / ramp) ** 2;
}
