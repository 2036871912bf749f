import { extname } from 'node:path';
import type { StoredFile } from '@faceanim/jobs';

const types: Readonly<Record<string, string>> = {
  '.gif': 'image/gif',
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
  '.webp': 'image/webp',
};

/** Sends a file, or the part of it that a `Range` header asks for: players jump about in a video. */
export function sendFile(name: string, { size, stream }: StoredFile, range: string | undefined): Response {
  const [start, end] = rangeOf(range, size) ?? [0, size - 1];
  if (start > end)
    return new Response(null, { status: 416, headers: { 'content-range': `bytes */${size}` } });
  const whole = end - start + 1 === size;
  return new Response(stream(start, end + 1), {
    status: whole ? 200 : 206,
    headers: {
      'accept-ranges': 'bytes',
      'content-length': `${end - start + 1}`,
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      ...(whole ? {} : { 'content-range': `bytes ${start}-${end}/${size}` }),
    },
  });
}

/** First and last byte of `bytes=0-99`, `bytes=100-` or `bytes=-100`; undefined for anything else, which gets the whole file. */
function rangeOf(range: string | undefined, size: number): [start: number, end: number] | undefined {
  const [, first, last] = range?.match(/^bytes=(\d*)-(\d*)$/) ?? [];
  if (first) return [Number(first), Math.min(last ? Number(last) : size, size - 1)];
  return last ? [Math.max(0, size - Number(last)), size - 1] : undefined;
}
