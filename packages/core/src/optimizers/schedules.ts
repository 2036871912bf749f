/** How the learning rate rises and falls over the steps of a frame: the schedule of the StyleGAN2 projector. */
export interface LearningRateSchedule {
  /** Learning rate at the top. */
  rate: number;
  /** Share of the steps over which it rises from 0. Default 0.05. */
  rampUp?: number;
  /** Share of the steps at the end over which it falls to 0 along a cosine. Default 0.25. */
  rampDown?: number;
  /** Start of the count: 0 as in the original, whose first step has rate 0; 1 to make use of every step. Default 1. */
  offset?: 0 | 1;
}

/** The StyleGAN2 projector's learning rate at a step (Karras et al. 2020, arXiv 1912.04958, appendix D). */
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

/** Latent noise: standard deviation in units of the latent's own, fading over the first part of the steps. */
export interface LatentNoiseSchedule {
  /** Factor at step 0; the original's default is 0.05, 0 switches it off. */
  factor: number;
  /** Share of the steps after which it is gone. Default 0.75. */
  ramp?: number;
}

/** The projector's latent noise at a step: `factor · max(0, 1 - t/ramp)²`. */
export function latentNoiseAt(
  { factor, ramp = 0.75 }: LatentNoiseSchedule,
  step: number,
  steps: number,
): number {
  return factor * Math.max(0, 1 - step / steps / ramp) ** 2;
}
