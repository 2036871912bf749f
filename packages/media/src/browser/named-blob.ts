import { checkResponse, FaceanimError, messageOf, throwIfAborted } from '@faceanim/tensor/errors';
import { accepting } from '@faceanim/tensor/options';
import { headBytes } from '../file-kind';
import { addressName, blobName, type MediaInput } from '../inputs';

/** The bytes of a file, and what errors call it. */
export interface NamedBlob {
  readonly blob: Blob;
  readonly name: string;
}

const isMedia = (value: unknown) =>
  value instanceof Blob || value instanceof URL || (typeof value === 'string' && value !== '');

/** Refuses what is no file, such as the list of files of an `<input>`. */
export const mediaCheck = accepting('a File, a Blob, a URL or an address', isMedia);

/** As {@link mediaCheck}, for calls that also take a decoded picture. */
export const imageCheck = accepting(
  'a File, a Blob, a URL, an address or an ImageBitmap',
  (value) => isMedia(value) || value instanceof ImageBitmap,
);

/** Workers have no `MediaStream`. */
export const isStream = (value: unknown): value is MediaStream =>
  typeof MediaStream !== 'undefined' && value instanceof MediaStream;

/** The file or stream that a video element shows; anything else stays as it is. */
export function shownBy(value: unknown): unknown {
  const isElement = typeof HTMLVideoElement !== 'undefined' && value instanceof HTMLVideoElement;
  return isElement ? (value.srcObject ?? (value.currentSrc || value.src)) : value;
}

/** As {@link mediaCheck}, for calls that also take a live stream. */
export const videoCheck = accepting(
  'a File, a Blob, a URL, an address, a MediaStream or a video element that has a source',
  (value) => isMedia(value) || isStream(value),
);

/**
 * Fetches an address as a whole. A `Blob` stays as it is.
 *
 * @throws FaceanimError `io` naming the address; `aborted`
 */
export async function blobOf(file: MediaInput, signal?: AbortSignal): Promise<NamedBlob> {
  if (file instanceof Blob) return { blob: file, name: blobName(file) };
  const name = addressName(file);
  try {
    const response = await fetch(file, { signal });
    checkResponse(response);
    return { blob: await response.blob(), name };
  } catch (error) {
    throwIfAborted(signal);
    const reason = messageOf(error);
    throw new FaceanimError('io', `${name} could not be fetched: ${reason}.`, {
      file: name,
      cause: error,
      hint: 'Check the address, and that its server lets this page read it (CORS).',
    });
  }
}

/** The first bytes of a file, which tell its kind. */
export async function headOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.slice(0, headBytes).arrayBuffer());
}
