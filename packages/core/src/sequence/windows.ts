/** Groups frames that are optimised together: the first alone, then `size` at a time; the last group may be shorter. */
export async function* windows<T>(frames: AsyncIterable<T> | Iterable<T>, size: number): AsyncGenerator<T[]> {
  let window: T[] = [];
  let wanted = 1;
  for await (const frame of frames) {
    window.push(frame);
    if (window.length < wanted) continue;
    yield window;
    window = [];
    wanted = size;
  }
  if (window.length > 0) yield window;
}
