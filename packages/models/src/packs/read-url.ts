import { FaceanimError, throwIfAborted } from '@faceanim/tensor';
import { checkResponse, messageOf } from '@faceanim/tensor/errors';
import { nodeModule } from '../node-module';

/**
 * Reads a file as a whole: of a `file:` URL in Node, or of one that `fetch` takes.
 *
 * @throws FaceanimError `io` with the hint if it cannot be read; `aborted`
 */
export async function readUrl(
  url: URL,
  { signal, hint }: { signal?: AbortSignal; hint: string },
): Promise<Uint8Array<ArrayBuffer>> {
  throwIfAborted(signal);
  try {
    if (url.protocol === 'file:') {
      const { readFile } = await nodeModule('node:fs/promises', { message: 'There is no file system here.' });
      return new Uint8Array(await readFile(url, { signal }));
    }
    const response = await fetch(url, { signal });
    checkResponse(response);
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throwIfAborted(signal);
    const reason = messageOf(cause);
    throw new FaceanimError('io', `${url.href} could not be read: ${reason}.`, {
      cause,
      file: url.href,
      hint,
    });
  }
}
