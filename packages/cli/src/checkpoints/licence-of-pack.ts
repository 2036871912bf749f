import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { contentHash } from '@faceanim/media/files';

/**
 * The licence that the `manifest.json` beside a file states for it or for all files, if it lists exactly this file. The bundled
 * pack has a manifest, and so has the output of `faceanim import`.
 */
export async function licenceOfPack(file: string): Promise<string | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(dirname(file), 'manifest.json'), 'utf8'));
    const { sha256, licence = manifest.licence } = manifest.files[basename(file)];
    if (typeof licence !== 'string') return undefined;
    return (await contentHash(file)) === sha256 ? licence : undefined;
  } catch {
    // Not part of a pack.
    return undefined;
  }
}
