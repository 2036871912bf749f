import { invalidOption } from '@faceanim/tensor/errors';
import { join, latin1, riffChunk, uint32 } from './bytes';
import type { ImageFormat } from './image-output';

/**
 * Puts XMP metadata into an encoded picture that has none. Canvases have no call for it, and libvips compresses it in a PNG,
 * where readers do not look for it.
 *
 * @throws FaceanimError `invalid-option` for bytes that are no picture of the format
 */
export function withXmp(picture: Uint8Array, format: ImageFormat, xmp: string): Uint8Array<ArrayBuffer> {
  const start = String.fromCharCode(...picture.subarray(0, 16));
  if (!signatures[format]?.test(start)) {
    throw invalidOption(
      'picture',
      `${picture.byteLength} bytes`,
      `an encoded picture of the format ${format}`,
    );
  }
  return join(insert[format](picture, new TextEncoder().encode(xmp)));
}

const signatures: Readonly<Record<ImageFormat, RegExp>> = {
  png: /^\x89PNG\r\n\x1a\n/,
  jpeg: /^\xff\xd8\xff/,
  webp: /^RIFF.{4}WEBPVP8[ LX]/s,
};

type Insert = (picture: Uint8Array, xmp: Uint8Array) => Uint8Array[];

const insert: Readonly<Record<ImageFormat, Insert>> = {
  /** After IHDR, as international text (https://www.w3.org/TR/png-3/#11iTXt). */
  png(picture, xmp) {
    const end = 8 + 12 + 13; // signature, and IHDR with its frame
    const text = join([latin1('iTXtXML:com.adobe.xmp\0\0\0\0\0'), xmp]);
    const length = uint32(text.byteLength - 4);
    return [picture.subarray(0, end), length, text, uint32(crc32(text)), picture.subarray(end)];
  },
  /** After the start of the image and the header of JFIF, which has to follow it, as an APP1 segment (XMP specification, part 3). */
  jpeg(picture, xmp) {
    const jfif = picture[3] === 0xe0 ? 2 + 256 * picture[4]! + picture[5]! : 0;
    const end = 2 + jfif;
    const name = latin1('http://ns.adobe.com/xap/1.0/\0');
    const length = uint32(2 + name.byteLength + xmp.byteLength).subarray(2);
    return [picture.subarray(0, end), Uint8Array.of(0xff, 0xe1), length, name, xmp, picture.subarray(end)];
  },
  /** In the extended format, at the end (https://developers.google.com/speed/webp/docs/riff_container). */
  webp(picture, xmp) {
    const hasXmp = 0x04;
    const chunks = Uint8Array.from(picture.subarray(12)); // slice() of a Buffer is no copy
    const extended = chunks[3] === 0x58; // VP8X, and not "VP8 " or VP8L
    if (extended) chunks[8]! |= hasXmp;
    const header = extended ? new Uint8Array() : riffChunk('VP8X', extendedHeader(chunks, hasXmp));
    const body = join([latin1('WEBP'), header, chunks, riffChunk('XMP ', xmp)]);
    return [riffChunk('RIFF', body)];
  },
};

/** Flags and size of a picture in the simple format. */
function extendedHeader(chunk: Uint8Array, flags: number): Uint8Array {
  const view = new DataView(chunk.buffer, chunk.byteOffset);
  const lossless = chunk[3] === 0x4c;
  const packed = view.getUint32(lossless ? 9 : 14, true);
  const width = packed & 0x3fff;
  const height = (packed >> (lossless ? 14 : 16)) & 0x3fff;
  const header = new DataView(new ArrayBuffer(10));
  const hasAlpha = lossless && packed & 0x10000000 ? 0x10 : 0;
  header.setUint8(0, flags | hasAlpha);
  // VP8L has sizes less one; both values take three bytes here.
  header.setUint32(4, lossless ? width : width - 1, true);
  header.setUint16(7, lossless ? height : height - 1, true);
  return new Uint8Array(header.buffer);
}

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
