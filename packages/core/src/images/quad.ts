/** A point or vector in pixels; the centre of an image's first pixel is (0.5, 0.5). */
export type Point = readonly [x: number, y: number];

/**
 * A parallelogram in an image, such as a rotated crop: its corners are `center ± x ± y`. `x` points from the centre to the
 * middle of the right side and `y` to the middle of the lower side, so the sides are `2 |x|` and `2 |y|` pixels long.
 */
export interface Quad {
  readonly center: Point;
  readonly x: Point;
  readonly y: Point;
}

/** An upright rectangle in pixels: its upper left corner and its size. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The quad that covers a rectangle. */
export function rectQuad({ x, y, width, height }: Rect): Quad {
  return { center: [x + width / 2, y + height / 2], x: [width / 2, 0], y: [0, height / 2] };
}

/** The largest centred square of an image. */
export function centredSquare({ width, height }: { width: number; height: number }): Quad {
  const side = Math.min(width, height);
  return rectQuad({ x: (width - side) / 2, y: (height - side) / 2, width: side, height: side });
}

/**
 * Maps points `x0, y0, x1, y1, …` of a crop of `size` × `size` pixels (see {@link cropQuad}) to the image that it was cut
 * from.
 */
export function quadToImage(points: ArrayLike<number>, quad: Quad, size: number): Float64Array {
  const { center, x, y } = quad;
  const mapped = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 2) {
    const u = (2 * points[i]!) / size - 1;
    const v = (2 * points[i + 1]!) / size - 1;
    mapped[i] = center[0] + u * x[0] + v * y[0];
    mapped[i + 1] = center[1] + u * x[1] + v * y[1];
  }
  return mapped;
}

/** Maps points of an image to pixels of its crop: the inverse of {@link quadToImage}. */
export function imageToQuad(points: ArrayLike<number>, quad: Quad, size: number): Float64Array {
  const { center, x, y } = quad;
  const determinant = x[0] * y[1] - x[1] * y[0];
  const mapped = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 2) {
    const dx = points[i]! - center[0];
    const dy = points[i + 1]! - center[1];
    const u = (dx * y[1] - dy * y[0]) / determinant;
    const v = (dy * x[0] - dx * x[1]) / determinant;
    mapped[i] = ((u + 1) * size) / 2;
    mapped[i + 1] = ((v + 1) * size) / 2;
  }
  return mapped;
}
