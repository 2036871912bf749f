import { accepting } from '@faceanim/tensor/options';
import { landmarkCount } from '../landmarks/groups';

/** Length of a shape: x, y and z of 68 landmarks. */
export const shapeLength = 3 * landmarkCount;

/**
 * A linear 3-D model of the 68 iBUG landmarks: a morphable model (Blanz and Vetter, SIGGRAPH 1999) of only these points,
 * `shape = mean + Σ aₖ identityₖ + Σ eₖ expressionₖ`. `landmarkModel()` of `@faceanim/models` loads one.
 *
 * A shape is `x0, y0, z0, x1, …`, with x to the right of the image, y up and z towards the camera. The origin is between the
 * eyes, and the unit is the distance of the eye centres. Directions are scaled so that the coefficients of random faces
 * have variance 1.
 */
export interface LandmarkModel {
  /** The mean shape, `[68 * 3]`. */
  readonly mean: Float64Array;
  /** Directions in which faces at rest differ from each other, `[68 * 3]` each. */
  readonly identity: readonly Float64Array[];
  /** Directions in which a face moves, `[68 * 3]` each. */
  readonly expression: readonly Float64Array[];
}

const isShape = (value: unknown) => value instanceof Float64Array && value.length === shapeLength;
const areShapes = (value: unknown) => Array.isArray(value) && value.length > 0 && value.every(isShape);

/** Accepts a {@link LandmarkModel}. */
export const landmarkModelCheck = accepting('a landmark model, as landmarkModel() returns it', (value) => {
  const { mean, identity, expression } = (value ?? {}) as Partial<LandmarkModel>;
  return isShape(mean) && areShapes(identity) && areShapes(expression);
});

/**
 * Computes the shape of a face from its coefficients, in eye distances.
 *
 * @param expression coefficients `[model.expression.length]`.
 * @param own individual deviation of the face from the model, `[68 * 3]`.
 * @returns `[68 * 3]`.
 */
export function faceShape(
  model: LandmarkModel,
  identity: ArrayLike<number>,
  expression: ArrayLike<number>,
  own?: ArrayLike<number>,
): Float64Array {
  const shape = model.mean.slice();
  addDirections(shape, model.identity, identity);
  addDirections(shape, model.expression, expression);
  if (own) for (let i = 0; i < shapeLength; i++) shape[i]! += own[i]!;
  return shape;
}

/** Adds `Σ coefficientsₖ directionsₖ` to a shape. */
export function addDirections(
  shape: Float64Array,
  directions: readonly Float64Array[],
  coefficients: ArrayLike<number>,
): void {
  for (const [k, direction] of directions.entries()) {
    const coefficient = coefficients[k]!;
    for (let i = 0; i < shapeLength; i++) shape[i]! += coefficient * direction[i]!;
  }
}
