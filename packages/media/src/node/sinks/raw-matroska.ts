import type { RgbImage } from '@faceanim/core';

/**
 * Raw frames as a Matroska stream, for ffmpeg to read from a pipe: unlike raw video, it says when each frame is shown
 * (https://www.rfc-editor.org/rfc/rfc9559).
 */
const id = {
  ebml: 0x1a45dfa3,
  docType: 0x4282,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  codec: 0x86,
  video: 0xe0,
  width: 0xb0,
  height: 0xba,
  colourSpace: 0x2eb524,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  blockGroup: 0xa0,
  block: 0xa1,
  blockDuration: 0x9b,
} as const;

/** Units of time in a second. */
export const ticksPerSecond = 1_000_000;

/** What comes before the first frame. */
export function matroskaHeader({ width, height }: RgbImage): Buffer {
  const video = [
    element(id.width, integer(width)),
    element(id.height, integer(height)),
    element(id.colourSpace, Buffer.from('RGB\x18', 'latin1')),
  ];
  const track = [
    element(id.trackNumber, integer(1)),
    element(id.trackUid, integer(1)),
    element(id.trackType, integer(1)),
    element(id.codec, Buffer.from('V_UNCOMPRESSED')),
    element(id.video, ...video),
  ];
  return Buffer.concat([
    element(id.ebml, element(id.docType, Buffer.from('matroska'))),
    // Of unknown length: it ends with the stream.
    Buffer.concat([idBytes(id.segment), Buffer.from('01ffffffffffffff', 'hex')]),
    element(id.info, element(id.timestampScale, integer(1e9 / ticksPerSecond))),
    element(id.tracks, element(id.trackEntry, ...track)),
  ]);
}

/** One frame, shown from `start` to `end` (seconds). */
export function matroskaFrame({ data }: RgbImage, start: number, end: number): Buffer {
  const [from, to] = [start, end].map((seconds) => Math.round(seconds * ticksPerSecond)) as [number, number];
  const pixels = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  // Track 1, at the time of the cluster, no flags.
  const block = element(id.block, Buffer.of(0x81, 0, 0, 0), pixels);
  const group = element(id.blockGroup, block, element(id.blockDuration, integer(to - from)));
  return element(id.cluster, element(id.timestamp, integer(from)), group);
}

function element(name: number, ...content: Uint8Array[]): Buffer {
  const length = content.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const size = integer(length);
  size[0] = 0x01;
  return Buffer.concat([idBytes(name), size, ...content]);
}

function idBytes(name: number): Buffer {
  return Buffer.from(name.toString(16), 'hex');
}

/** A whole number in eight bytes, the first of which is 0. */
function integer(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
