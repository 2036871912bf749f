import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { Readable } from 'node:stream';

const types: Readonly<Record<string, string>> = {
  '.gif': 'image/gif',
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
  '.webp': 'image/webp',
};

/** Sends a file, or the part of it that a `Range` header asks for: players jump about in a video. */
export async function sendFile(path: string, range: string | undefined): Promise<Response> {
  const { size } = await stat(path);
  const [start, end] = rangeOf(range, size) ?? [0, size - 1];
  if (start > end)
    return new Response(null, { status: 416, headers: { 'content-range': `bytes */${size}` } });
  const whole = end - start + 1 === size;
  const body = Readable.toWeb(createReadStream(path, { start, end })) as ReadableStream;
  return new Response(body, {
    status: whole ? 200 : 206,
    headers: {
      'accept-ranges': 'bytes',
      'content-length': `${end - start + 1}`,
      'content-type': types[extname(path)] ?? 'application/octet-stream',
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
