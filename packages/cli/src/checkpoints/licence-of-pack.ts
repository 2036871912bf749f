import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * The licence that `manifest.json` beside the file states for its pack, where it lists this very file; the bundled pack
 * has one, and what `faceanim import` wrote.
 */
export async function licenceOfPack(file: string): Promise<string | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(dirname(file), 'manifest.json'), 'utf8'));
    const { sha256 } = manifest.files[basename(file)];
    if (typeof manifest.licence !== 'string') return undefined;
    const digest = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    return digest === sha256 ? manifest.licence : undefined;
  } catch {
    // No pack.
    return undefined;
  }
}
