import { FaceanimError, throwIfAborted } from '@faceanim/tensor';
import { accepting } from '@faceanim/tensor/options';
import { headBytes } from '../file-kind';

/** A file in a browser: chosen by the user (`File`), in memory (`Blob`), or an address, relative to the page. */
export type MediaFile = Blob | URL | string;

/** The bytes of a {@link MediaFile}, and what errors call it. */
export interface NamedBlob {
  readonly blob: Blob;
  readonly name: string;
}

const isMediaFile = (value: unknown) =>
  value instanceof Blob || value instanceof URL || (typeof value === 'string' && value !== '');

/** Refuses what is no file, such as the list of files of an `<input>`. */
export const mediaFileCheck = accepting('a File, a Blob, a URL or an address', isMediaFile);

/** As {@link mediaFileCheck}, for calls that also take a decoded picture. */
export const pictureCheck = accepting(
  'a File, a Blob, a URL, an address or an ImageBitmap',
  (value) => isMediaFile(value) || value instanceof ImageBitmap,
);

/**
 * Fetches an address as a whole. A `Blob` stays as it is.
 *
 * @throws FaceanimError `io` naming the address; `aborted`
 */
export async function blobOf(file: MediaFile, signal?: AbortSignal): Promise<NamedBlob> {
  if (file instanceof Blob) return { blob: file, name: nameOfBlob(file) };
  const name = shortened(String(file));
  try {
    const response = await fetch(file, { signal });
    if (response.ok) return { blob: await response.blob(), name };
    throw new Error(`the server answered ${response.status}`);
  } catch (error) {
    throwIfAborted(signal);
    const reason = error instanceof Error ? error.message : String(error);
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

/** `blob` is what the web platform calls a blob without a name in a form. */
function nameOfBlob(blob: Blob): string {
  return (blob instanceof File && blob.name) || 'blob';
}

/** A `data:` address contains the whole file. */
function shortened(address: string): string {
  return address.length > 200 ? `${address.slice(0, 60)}…` : address;
}
