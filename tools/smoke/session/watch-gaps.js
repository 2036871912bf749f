// @ts-check

/** Measures from now on, in milliseconds, the longest time in which the page could do nothing else. */
export function watchGaps() {
  const gaps = { longest: 0 };
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    gaps.longest = Math.max(gaps.longest, now - last);
    last = now;
  }, 4);
  return gaps;
}
