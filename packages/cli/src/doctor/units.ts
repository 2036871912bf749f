/** `6.1 ms`, `345 ms`. */
export function formatMs(ms: number): string {
  return `${threeDigits(ms)} ms`;
}

/** `812 MB`. */
export function formatMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

/** `0.62`, `6.1`, `345`: no more digits than a measurement has. */
export function threeDigits(value: number): string {
  return value.toFixed(value < 1 ? 2 : value < 100 ? 1 : 0);
}

/** `16 GB`. */
export function formatGigabytes(bytes: number): string {
  return `${threeDigits(bytes / 1e9)} GB`;
}
