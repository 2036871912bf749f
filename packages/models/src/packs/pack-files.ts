import { FaceanimError, sha256 } from '@faceanim/tensor';
import bundledManifest from '../../assets/avatar/manifest.json';
import { type AvatarFile, avatarFiles } from '../avatar-files';
import { folderUrl, type PackFolder } from './pack-folder';
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
  read(name: AvatarFile, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Opens the files of the avatar pack.
 *
 * @param folder Default: the copy inside this package.
 */
export async function openPackFiles(folder?: PackFolder, signal?: AbortSignal): Promise<PackFiles> {
  if (folder === undefined) return checkedFiles((name) => avatarFiles[name](), bundledManifest);
  const base = await folderUrl(folder);
  const url = new URL('manifest.json', base);
  const manifest = parseManifest(await readUrl(url, { signal, hint: hintFor(url, 'manifest.json') }), url);
  return checkedFiles((name) => new URL(name, base), manifest);
}

function checkedFiles(urlOf: (name: AvatarFile) => URL, manifest: PackManifest): PackFiles {
  return {
    manifest,
    read: async (name, signal) => {
      const url = urlOf(name);
      const hint = hintFor(url, name);
      const expected = manifest.files[name];
      if (!expected) throw damaged(url, 'is not listed in its manifest.json', hint);
      const bytes = await readUrl(url, { signal, hint });
      if (bytes.byteLength !== expected.bytes) {
        throw damaged(url, `has ${bytes.byteLength} bytes instead of ${expected.bytes}`, hint);
      }
      if ((await sha256(bytes)) !== expected.sha256)
        throw damaged(url, 'is not the file of the manifest', hint);
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
  throw damaged(url, 'lists no files', hintFor(url, 'manifest.json'));
}

/** What to do about a file that is missing or damaged: a bundler that copies files gives them other names. */
function hintFor(url: URL, name: string): string {
  if (url.protocol === 'file:')
    return 'Install @faceanim/models again, or copy the folder of the pack again.';
  if (!url.pathname.endsWith(`/${name}`)) return 'Serve all files that your bundler has written.';
  const folder = new URL('.', url).href;
  return `Serve the files of node_modules/@faceanim/models/assets/avatar at ${folder}, or pass their address as \`folder\`.`;
}

function damaged(url: URL, problem: string, hint: string): FaceanimError {
  return new FaceanimError('checkpoint-corrupt', `${url.href} ${problem}.`, { file: url.href, hint });
}
