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
