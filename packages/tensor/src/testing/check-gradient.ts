import { randomState } from '../rng';

/** A function of a vector that returns its value and gradient, both in host memory. */
export type DifferentiableFunction = (x: Float32Array) => Promise<{ value: number; gradient: Float32Array }>;

/** What {@link checkGradient} measured. */
export interface GradientCheck {
  /** The value at the point itself. */
  readonly value: number;
  /** L2 norm of the gradient. */
  readonly gradientNorm: number;
  /** `‖analytic - numeric‖ / ‖numeric‖` over the directional derivatives; just `‖analytic‖` if the numeric ones are 0. */
  readonly relativeError: number;
}

/**
 * Compares a gradient with central differences along random directions.
 *
 * @param evaluate the function
 * @param at the point
 * @param options step of the differences (default 1e-2), number of directions (5), seed (7)
 */
export async function checkGradient(
  evaluate: DifferentiableFunction,
  at: Float32Array,
  { epsilon = 1e-2, directions = 5, seed = 7 }: { epsilon?: number; directions?: number; seed?: number } = {},
): Promise<GradientCheck> {
  const random = randomState(seed);
  const { value, gradient } = await evaluate(at);
  const numeric: number[] = [];
  const errors: number[] = [];
  for (let k = 0; k < directions; k++) {
    const direction = random.randn(at.length);
    const along = async (t: number) => (await evaluate(at.map((x, i) => x + t * direction[i]!))).value;
    const slope = ((await along(epsilon)) - (await along(-epsilon))) / (2 * epsilon);
    numeric.push(slope);
    errors.push(gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0) - slope);
  }
  return {
    value,
    gradientNorm: Math.hypot(...gradient),
    relativeError: Math.hypot(...errors) / (Math.hypot(...numeric) || 1),
  };
}
