/** First and last of the 68 landmarks of each line, and whether the line is closed. */
const lines = [
  [0, 16, false],
  [17, 21, false],
  [22, 26, false],
  [27, 30, false],
  [31, 35, false],
  [36, 41, true],
  [42, 47, true],
  [48, 59, true],
  [60, 67, true],
] as const;

interface FaceLinesProps {
  /** The 68 landmarks, `x0, y0, x1, y1, …`. */
  readonly landmarks: ArrayLike<number>;
  /** Width and height of the picture that they are in. */
  readonly size: number;
  /** Whose they are, which decides the colour. */
  readonly whose: 'driver' | 'target';
}

/** Landmarks over a picture: a dot each, joined along the parts of the face. */
export function FaceLines({ landmarks, size, whose }: FaceLinesProps) {
  const at = (i: number) => `${landmarks[2 * i]!.toFixed(1)} ${landmarks[2 * i + 1]!.toFixed(1)}`;
  const points = Array.from({ length: landmarks.length / 2 }, (_, i) => i);
  const path = lines
    .map(([first, last, closed]) => {
      const part = points.slice(first, last + 1).map(at);
      return `M${part.join('L')}${closed ? 'z' : ''}`;
    })
    .join('');
  return (
    <svg class={`face-lines face-lines-${whose}`} viewBox={`0 0 ${size} ${size}`} aria-hidden="true">
      <path d={path} />
      {/* A line of no length with round ends is a dot. */}
      <path class="dots" d={points.map((i) => `M${at(i)}h0`).join('')} />
    </svg>
  );
}
