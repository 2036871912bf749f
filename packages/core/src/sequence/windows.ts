/**
 * Groups frames that are optimised together: the first of a shot alone, then `size` at a time; the last group of a shot may
 * be shorter.
 */
export async function* windows<T extends { readonly shot: number }>(
  frames: AsyncIterable<T> | Iterable<T>,
  size: number,
): AsyncGenerator<T[]> {
  let window: T[] = [];
  let wanted = 1;
  let shot: number | undefined;
  for await (const frame of frames) {
    if (frame.shot !== shot) {
      if (window.length > 0) yield window;
      [window, wanted, shot] = [[], 1, frame.shot];
    }
    window.push(frame);
    if (window.length < wanted) continue;
    yield window;
    window = [];
    wanted = size;
  }
  if (window.length > 0) yield window;
}
