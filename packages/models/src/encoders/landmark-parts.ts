import { landmarkCount } from '@faceanim/core/landmarks';

/** First landmark of each part of a face: jaw, brows, nose, eyes, mouth. */
const starts = [0, 17, 22, 27, 36, 42, 48, landmarkCount];

/** How many numbers {@link landmarkParts} returns for the positions of the parts and for the shape of each. */
export const partSizes = {
  places: 2 * (starts.length - 1),
  shapes: starts.slice(1).map((end, i) => 2 * (end - starts[i]!)),
};

/**
 * Splits landmarks, linearly, into the centre of each part and each part relative to its centre. That way a blink, which
 * moves landmarks only a little, is not lost beside a turn of the head.
 */
export function landmarkParts(landmarks: ArrayLike<number>): Float32Array {
  const places: number[] = [];
  const shapes: number[] = [];
  for (const [part, end] of starts.slice(1).entries()) {
    const start = starts[part]!;
    const centre = [0, 0];
    for (let i = 2 * start; i < 2 * end; i++) centre[i % 2]! += landmarks[i]! / (end - start);
    places.push(...centre);
    for (let i = 2 * start; i < 2 * end; i++) shapes.push(landmarks[i]! - centre[i % 2]!);
  }
  return Float32Array.from([...places, ...shapes]);
}

/** Converts weights of parts, `[150, outputs]`, to weights of landmarks, `[136, outputs]`. */
export function weightsOfLandmarks(weights: Float32Array, outputs: number): Float32Array {
  const rows = Array.from({ length: 2 * landmarkCount }, (_, i) => {
    const unit = new Float32Array(2 * landmarkCount);
    unit[i] = 1;
    const row = new Float64Array(outputs);
    for (const [part, share] of landmarkParts(unit).entries()) {
      if (share === 0) continue;
      for (let k = 0; k < outputs; k++) row[k]! += share * weights[part * outputs + k]!;
    }
    return row;
  });
  return Float32Array.from(rows.flatMap((row) => [...row]));
}
