/** Every n-th frame, from the first: a list of a list, a stream of a stream. */
export function everyNth<T>(
  frames: readonly T[] | AsyncIterable<T>,
  n: number,
): readonly T[] | AsyncIterable<T> {
  return isList(frames) ? frames.filter((_, i) => i % n === 0) : everyNthOf(frames, n);
}

/** Whether frames are a list, whose length is known. */
export const isList = <T>(frames: readonly T[] | AsyncIterable<T>): frames is readonly T[] =>
  Array.isArray(frames);

async function* everyNthOf<T>(frames: AsyncIterable<T>, n: number): AsyncGenerator<T> {
  let position = 0;
  for await (const frame of frames) if (position++ % n === 0) yield frame;
}
