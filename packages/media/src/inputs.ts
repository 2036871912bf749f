import { type OptionChecks, wholeNumberFrom } from '@faceanim/tensor/options';

/**
 * A picture or video to read: a `File` or other `Blob`; or where it is. In Node a string is a path and a `URL` begins with
 * `file:`; in browsers both are addresses, relative to the page.
 */
export type MediaInput = string | URL | Blob;

/** What {@link readImage} reads: a file, or in browsers a decoded `ImageBitmap`, which is not closed. */
export type ImageInput = MediaInput | Bitmap;

/**
 * What {@link openVideo} reads: a file, or in browsers a live `MediaStream`, such as that of a camera, or an
 * `HTMLVideoElement`, which stands for the file or stream that it shows.
 */
export type VideoInput = MediaInput | LiveStream | VideoElement;

/** What there is to a `MediaStream`, which a program for Node does not know. */
interface LiveStream {
  getVideoTracks(): readonly object[];
  getAudioTracks(): readonly object[];
}

/** What there is to an `HTMLVideoElement`. */
interface VideoElement {
  readonly currentSrc: string;
  readonly srcObject: object | null;
}

/** `ImageBitmap` where it is declared: a program for Node may be compiled without the library `DOM`. */
type Bitmap = typeof globalThis extends { ImageBitmap: { prototype: infer T } } ? T : never;

/** What errors call a blob. Without a name it is `blob`, as in forms of the web platform. */
export function blobName(blob: Blob): string {
  return ('name' in blob && typeof blob.name === 'string' && blob.name) || 'blob';
}

/** What errors call an address: one with `data:` contains the whole file. */
export function addressName(address: string | URL): string {
  const text = String(address);
  return text.length > 200 ? `${text.slice(0, 60)}…` : text;
}

/** What errors call a file or an address, in `file`: the name of the file, or the address. */
export const inputName = (input: MediaInput): string =>
  input instanceof Blob ? blobName(input) : addressName(input);

/** The size at which to read a picture. */
export interface ReadImageOptions {
  /** Side in pixels: the picture is cropped to its central square and scaled. Default: as it is. */
  size?: number;
  /**
   * Longest side in pixels: a larger picture is shrunk, in Node while it is decoded, so that photographs of any size take
   * little memory. Default: no limit.
   */
  maxSide?: number;
}

export const readImageChecks: OptionChecks<ReadImageOptions> = {
  size: wholeNumberFrom(1),
  maxSide: wholeNumberFrom(1),
};
