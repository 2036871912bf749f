import { invalidOption } from '@faceanim/tensor';
import type { OptionCheck } from '@faceanim/tensor/options';

/** Takes the folder of a pack. A string is refused, since only the caller knows what it is relative to. */
export const folderCheck: OptionCheck = (value, name) => {
  if (value instanceof URL) return;
  const text = JSON.stringify(value);
  const meant = `new URL(${text}, location.href) of a page, or pathToFileURL(${text}) of node:url`;
  throw invalidOption(name, value, 'a URL', typeof value === 'string' ? meant : undefined);
};

/**
 * A folder of this package's `assets`: two levels above a source file, one above a bundle. Only Node runs the sources, so
 * elsewhere it is one level.
 */
export async function bundledFolder(name: string): Promise<URL> {
  const bundled = new URL(`../assets/${name}`, import.meta.url);
  if (bundled.protocol !== 'file:') return bundled;
  const { existsSync } = await import('node:fs');
  return existsSync(bundled) ? bundled : new URL(`../../assets/${name}`, import.meta.url);
}
