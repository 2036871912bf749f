import type { FoundFace } from './locate';
import type { FaceChoice } from './track-options';

/** The face that was chosen among several. */
interface ChosenFace {
  readonly face: FoundFace;
  /** Its position from left to right, from 0. */
  readonly position: number;
  /** Number of faces. */
  readonly count: number;
}

/** Chooses a face; undefined if there is none, or fewer than the position asks for. */
export function chooseFace(found: readonly FoundFace[], choice: FaceChoice): ChosenFace | undefined {
  const faces = [...found].sort((a, b) => a.quad.center[0] - b.quad.center[0]);
  const position = positionOf(faces, choice);
  const face = faces[position];
  return face && { face, position, count: faces.length };
}

function positionOf(faces: readonly FoundFace[], choice: FaceChoice): number {
  if (typeof choice === 'number') return choice;
  const measure =
    choice === 'largest'
      ? ({ quad }: FoundFace) => -Math.hypot(...quad.x)
      : ({ quad }: FoundFace) => Math.hypot(quad.center[0] - choice.x, quad.center[1] - choice.y);
  const values = faces.map(measure);
  return values.indexOf(Math.min(...values));
}

/** Says which of several faces was chosen. */
export function choiceMessage(where: string, { face, position, count }: ChosenFace): string {
  const [x, y] = face.quad.center.map(Math.round);
  return `${where} has ${count} faces. Face ${position} from the left (from 0) is used, at (${x}, ${y}).`;
}
