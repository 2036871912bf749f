import { FaceanimError, invalidOption } from '@faceanim/tensor';
import type { ProjectedFrame } from '../contracts/frames';
import { firstPassOrigin, runDifferences } from '../sequence/origin';
import type { Part } from './prepared-clip';

/**
 * Joins the frames of parts to those of the whole run. Where parts overlap, latents are blended from one to the other, linearly;
 * everything else is that of the frame with the larger share. At cuts the frames are those of a run that was not split.
 *
 * @param parts all of them, in order.
 * @param framesOf the finished frames of a part, in order. Called when the frames of the part before have been passed on.
 * @throws {FaceanimError} `invalid-option` for parts that do not follow each other, a part whose frames are incomplete, or an
 *   overlap that is longer than the part; `resume-mismatch` for parts of different runs.
 */
export async function* joinParts<T extends ProjectedFrame>(
  parts: readonly Part[],
  framesOf: (part: Part, position: number) => AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T> {
  checkParts(parts);
  let first: T | undefined;
  /** The last frames of the part before, which this one also has. */
  let shared: readonly T[] = [];
  for (const [i, part] of parts.entries()) {
    const sharedNext: T[] = [];
    const nextStart = parts[i + 1]?.start ?? part.end;
    let index = part.start;
    for await (const frame of framesOf(part, i)) {
      first ??= frame;
      checkFrame(frame, first, { part, position: i, index });
      const before = shared[index - part.start];
      const share = (index - part.start + 1) / (part.overlap + 1);
      const joined = before ? blended(before, frame, share) : frame;
      if (++index > nextStart) sharedNext.push(joined);
      else yield joined;
    }
    if (index !== part.end) throw incomplete(i, part, index - part.start);
    shared = sharedNext;
  }
}

/** `a + share · (b - a)`. */
function blended<T extends ProjectedFrame>(a: T, b: T, share: number): T {
  const mix = (from: Float32Array, to: Float32Array) =>
    from.map((value, i) => value + share * (to[i]! - value));
  const nearer = share < 0.5 ? a : b;
  return {
    ...nearer,
    latent: { ...nearer.latent, data: mix(a.latent.data, b.latent.data) },
    coordinates: mix(a.coordinates, b.coordinates),
  };
}

function checkParts(parts: readonly Part[]): void {
  if (parts.length === 0) throw invalidOption('parts', parts, 'those of planParts()');
  let before: Part = { start: 0, end: 0, overlap: 0 };
  for (const [i, part] of parts.entries()) {
    const { start, end, overlap } = part;
    if (start + overlap !== before.end || end <= start) {
      throw new FaceanimError(
        'invalid-option',
        `Part ${i + 1} has frames ${start} to ${end - 1}, but the parts before it end with frame ${before.end - 1}.`,
        { hint: 'Pass all parts of planParts(), in order.' },
      );
    }
    // A third part must not reach into the blend of two others.
    const room = Math.min(end - start, before.end - before.start - before.overlap);
    if (overlap > room) throw invalidOption(`overlap of part ${i + 1}`, overlap, `at most ${room}`);
    before = part;
  }
}

interface Place {
  readonly part: Part;
  readonly position: number;
  /** The index that the frame should have. */
  readonly index: number;
}

function checkFrame(frame: ProjectedFrame, first: ProjectedFrame, { part, position, index }: Place): void {
  if (frame.index !== index || index >= part.end) {
    const expected = index < part.end ? `frame ${index}` : 'its end';
    throw new FaceanimError(
      'invalid-option',
      `Part ${position + 1} has frame ${frame.index} where ${expected} is expected.`,
      { frame: frame.driverIndex, hint: 'Pass the frames of each part in order, as they were finished.' },
    );
  }
  // The first frame of a shot is not refined.
  const differences = runDifferences(firstPassOrigin(first.origin), firstPassOrigin(frame.origin), 0);
  const sizes = [first, frame].map(({ latent, coordinates }) =>
    [latent.numWs, latent.wDim, coordinates.length].join(),
  );
  if (sizes[0] !== sizes[1]) differences.push('latents have another shape');
  if (differences.length === 0) return;
  throw new FaceanimError(
    'resume-mismatch',
    `Part ${position + 1} belongs to another run than part 1: ${differences.join('; ')}.`,
    { hint: 'Join only parts of one prepared clip, optimised with the same options.' },
  );
}

function incomplete(position: number, { start, end }: Part, count: number): FaceanimError {
  const message = `Part ${position + 1} is incomplete: it has ${count} frames instead of ${end - start}.`;
  return new FaceanimError('invalid-option', message, {
    hint: 'Optimise it to its end, then join the parts.',
  });
}
