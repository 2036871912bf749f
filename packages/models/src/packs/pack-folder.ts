import { invalidOption } from '@faceanim/tensor';
import { accepting } from '@faceanim/tensor/options';
import { nodeModule } from '../node-module';

/** Folder of a pack: a URL, an address relative to the page, or in Node a path. */
export type PackFolder = URL | string;

/** Accepts a {@link PackFolder}. */
export const folderCheck = accepting(
  'the address or the path of a folder',
  (value) => value instanceof URL || (typeof value === 'string' && value !== ''),
);

/**
 * The URL of a pack, with a slash at the end.
 *
 * @param name folder in `assets` of this package
 * @param given Default: the copy inside this package, which only Node finds.
 * @throws FaceanimError `io` for the default outside Node
 */
export async function packFolder(name: string, given: PackFolder | undefined): Promise<URL> {
  return given === undefined ? bundledFolder(name) : folderUrl(given);
}

/** The URL of a folder, with a slash at the end. */
export async function folderUrl(folder: PackFolder): Promise<URL> {
  const url = await toUrl(folder);
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

async function toUrl(folder: PackFolder): Promise<URL> {
  if (folder instanceof URL) return new URL(folder);
  const page = globalThis.location?.href;
  if (page === undefined && !/^\w+:\/\//.test(folder)) {
    const { pathToFileURL } = await nodeModule('node:url', { message: 'There is no file system here.' });
    return pathToFileURL(folder);
  }
  if (URL.canParse(folder, page)) return new URL(folder, page);
  throw invalidOption('folder', folder, 'the address or the path of a folder');
}

async function bundledFolder(name: string): Promise<URL> {
  const { existsSync } = await nodeModule('node:fs', {
    message: `Outside Node, the folder of the files of ${name} must be given: \`folder\` is missing.`,
    hint: `Serve node_modules/@faceanim/models/assets/${name} and pass its address, e.g. folder: '/${name}/'.`,
  });
  // In a variable: bundlers would copy every file that `new URL(…, import.meta.url)` could mean.
  const here = import.meta.url;
  // One level above a built file, two above a source file.
  const [above, twoAbove] = ['..', '../..'].map((up) => new URL(`${up}/assets/${name}/`, here));
  return existsSync(above!) ? above! : twoAbove!;
}
