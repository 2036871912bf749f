/** Splits consecutive frames into shots. */
export function shotsOf<T>(frames: readonly T[], shotOf: (frame: T) => number): T[][] {
  const shots: T[][] = [];
  for (const [i, frame] of frames.entries()) {
    if (i > 0 && shotOf(frame) === shotOf(frames[i - 1]!)) shots.at(-1)!.push(frame);
    else shots.push([frame]);
  }
  return shots;
}
