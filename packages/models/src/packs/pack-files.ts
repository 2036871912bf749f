import { FaceanimError, sha256 } from '@faceanim/tensor';
import { readUrl } from './read-url';

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
  const manifest = parseManifest(await readUrl(url('manifest.json'), { signal, hint }), url('manifest.json'));
  return {
    manifest,
    read: async (name, signal) => {
      const expected = manifest.files[name];
      if (!expected) throw damaged(url(name), 'is not listed in its manifest.json');
      const bytes = await readUrl(url(name), { signal, hint });
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

function damaged(url: URL, problem: string): FaceanimError {
  return new FaceanimError('checkpoint-corrupt', `${url.href} ${problem}.`, {
    file: url.href,
    hint,
  });
}
