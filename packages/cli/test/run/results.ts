import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Hashes of the files of a finished run in a folder that do not name the time or the folder. */
export function results(folder: string): Record<string, string> {
  const frames = readdirSync(join(folder, 'out.run/frames')).map((name) => `out.run/frames/${name}`);
  const names = ['out.webp', 'out.sheet.png', 'out.losses.png', 'out.run/latents.safetensors', ...frames];
  const hash = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  return Object.fromEntries(names.map((name) => [name, hash(name)]));
}
