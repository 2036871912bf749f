import type { RgbImage } from '@faceanim/core';

/**
 * Cuts a stream of binary PPM pictures (`P6`, 8 bits), each of which tells its own size, into images. A picture that
 * is cut off at the end of the stream is dropped.
 */
export async function* parsePpm(stream: AsyncIterable<Buffer>): AsyncGenerator<RgbImage> {
  let pending: Buffer = Buffer.alloc(0);
  let image: { width: number; height: number; data: Uint8Array } | undefined;
  let filled = 0;
  for await (const chunk of stream) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length > 0) {
      if (!image) {
        const header = /^P6\s(\d+)\s(\d+)\s255\s/.exec(pending.toString('latin1', 0, 40));
        if (!header) break;
        const [width, height] = [Number(header[1]), Number(header[2])];
        image = { width, height, data: new Uint8Array(width * height * 3) };
        filled = 0;
        pending = pending.subarray(header[0].length);
      }
      const part = pending.subarray(0, image.data.length - filled);
      image.data.set(part, filled);
      filled += part.length;
      pending = pending.subarray(part.length);
      if (filled < image.data.length) break;
      yield image;
      image = undefined;
    }
  }
}
