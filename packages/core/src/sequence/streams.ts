/** Whether frames are a list, whose length is known. */
export const isList = <T>(frames: readonly T[] | AsyncIterable<T>): frames is readonly T[] =>
  Array.isArray(frames);

/** Every n-th frame of a stream, from the first. */
export async function* everyNthOf<T>(frames: AsyncIterable<T>, n: number): AsyncGenerator<T> {
  let position = 0;
  for await (const frame of frames) if (position++ % n === 0) yield frame;
}

/** A generator of the items, which can be taken one by one and closed. */
export async function* iterate<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T, undefined> {
  yield* items;
}
