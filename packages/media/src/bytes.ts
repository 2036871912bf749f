/** Each character of a text as a byte. */
export const latin1 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (c) => c.charCodeAt(0));

/** Big-endian. */
export function uint32(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** One array after the other. */
export function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}

/** A chunk of a RIFF file, such as WebP: type, size and payload. */
export function riffChunk(type: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const padding = new Uint8Array(payload.byteLength & 1);
  return join([latin1(type), uint32(payload.byteLength).reverse(), payload, padding]);
}
