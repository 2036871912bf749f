import { FaceanimError } from './errors';

/**
 * Computes the SHA-256 hash of bytes, as lower-case hexadecimal digits, by Web Cryptography.
 *
 * @throws FaceanimError `invalid-option` on a page outside a secure context, where browsers do not offer it
 */
export async function sha256(bytes: Uint8Array | Uint8ClampedArray): Promise<string> {
  const { subtle } = globalThis.crypto ?? {};
  if (!subtle) {
    throw new FaceanimError('invalid-option', 'Hashes need a page in a secure context.', {
      hint: 'Serve the page over https or from localhost.',
    });
  }
  const digest = await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
