import { FaceanimError, sha256, throwIfAborted } from '@faceanim/tensor';
import { checkResponse } from '@faceanim/tensor/errors';
import { nodeModule } from '../node-module';

/** The manifest of a pack, `manifest.json`: size and hash of each file. */
export interface PackManifest {
  /** Size and SHA-256 by file name. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
  /** Licence of all files. */
  readonly licence?: string;
}

/** The files of a pack; each is checked against the manifest when it is read. */
export interface PackFiles {
  readonly manifest: PackManifest;
  /** @throws FaceanimError `io` if it cannot be read, `checkpoint-corrupt` if size or hash differ */
  read(name: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

const hint =
  'In Node, install @faceanim/models again. In a browser, serve the folder of the pack from its assets and pass the address as `folder`.';

/** Opens a pack by the URL of its folder, with a slash at the end: a `file:` URL in Node, or what `fetch` takes. */
export async function openPackFiles(folder: URL, signal?: AbortSignal): Promise<PackFiles> {
  const url = (name: string) => new URL(name, folder);
  const manifest = parseManifest(await readUrl(url('manifest.json'), signal), url('manifest.json'));
  return {
    manifest,
    read: async (name, signal) => {
      const expected = manifest.files[name];
      if (!expected) throw damaged(url(name), 'is not listed in its manifest.json');
      const bytes = await readUrl(url(name), signal);
      if (bytes.byteLength !== expected.bytes) {
        throw damaged(url(name), `has ${bytes.byteLength} bytes instead of ${expected.bytes}`);
      }
      if ((await sha256(bytes)) !== expected.sha256)
        throw damaged(url(name), 'is not the file of the manifest');
      return bytes;
    },
  };
}

function parseManifest(bytes: Uint8Array, url: URL): PackManifest {
  try {
    const manifest = JSON.parse(new TextDecoder().decode(bytes)) as PackManifest;
    if (typeof manifest.files === 'object') return manifest;
  } catch {
    // Reported below, like any other unexpected content.
  }
  throw damaged(url, 'lists no files');
}

async function readUrl(url: URL, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
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
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FaceanimError('io', `${url.href} could not be read: ${reason}.`, {
      cause,
      file: url.href,
      hint,
    });
  }
}

function damaged(url: URL, problem: string): FaceanimError {
  return new FaceanimError('checkpoint-corrupt', `${url.href} ${problem}.`, {
    file: url.href,
    hint,
  });
}
