import { invalidOption } from '@faceanim/tensor';

/** Landmarks decoded from heat maps. */
export interface DecodedHeatmaps {
  /** x, y pairs in heat-map cells, `[points * 2]`; the centre of cell j is `j + 0.5`. */
  points: Float64Array;
  /** Height of the peak of each landmark, `[points]`. */
  scores: Float32Array;
}

/**
 * Reads landmark coordinates from the heat maps of one image as face-alignment does (`get_preds_fromhm`): the highest
 * cell, moved by a quarter of a cell towards the higher neighbour in x and in y, unless it lies on the border. Among equal
 * cells the first in row-major order counts.
 *
 * @param heatmaps `[size, size, points]`, points innermost.
 * @throws FaceanimError `invalid-option` if the length does not match `size` and `points`.
 */
export function decodeHeatmaps(
  heatmaps: Float32Array,
  { points, size }: { points: number; size: number },
): DecodedHeatmaps {
  if (heatmaps.length !== size * size * points) {
    throw invalidOption(
      'heatmaps',
      heatmaps,
      `an array of size * size * points = ${size * size * points} values`,
    );
  }
  const coordinates = new Float64Array(points * 2);
  const scores = new Float32Array(points).fill(-Infinity);
  const peaks = new Int32Array(points);
  for (let cell = 0, i = 0; cell < size * size; cell++) {
    for (let p = 0; p < points; p++, i++) {
      if (heatmaps[i]! > scores[p]!) {
        scores[p] = heatmaps[i]!;
        peaks[p] = cell;
      }
    }
  }
  for (let p = 0; p < points; p++) {
    const x = peaks[p]! % size;
    const y = Math.floor(peaks[p]! / size);
    const at = (dx: number, dy: number) => heatmaps[((y + dy) * size + x + dx) * points + p]!;
    const inside = x > 0 && x < size - 1 && y > 0 && y < size - 1;
    coordinates[2 * p] = x + 0.5 + (inside ? 0.25 * Math.sign(at(1, 0) - at(-1, 0)) : 0);
    coordinates[2 * p + 1] = y + 0.5 + (inside ? 0.25 * Math.sign(at(0, 1) - at(0, -1)) : 0);
  }
  return { points: coordinates, scores };
}
