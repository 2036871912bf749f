/** Increasing numbers of frames as text: `4-6, 9`. */
export function rangesOf(frames: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const frame of frames) {
    const range = ranges.at(-1);
    if (range && frame === range[1] + 1) range[1] = frame;
    else ranges.push([frame, frame]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}
