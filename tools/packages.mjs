import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The public packages in dependency order: a package stands after those it imports.
 * `entries` maps output names below dist/ to sources; every key is one path of the package's `exports`.
 */
export const packages = [
  {
    name: 'tensor',
    entries: {
      index: 'src/index.ts',
      'options/index': 'src/options/index.ts',
      'testing/index': 'src/testing/index.ts',
    },
    // The one module taken from inside tfjs: Node's ESM loader cannot import it. The gradients it registers
    // go into tfjs' global registry, so a bundled copy serves the tfjs-core that the user installed.
    bundled: [/^@tensorflow\/tfjs-core\/dist\/register_all_gradients/],
  },
  {
    name: 'core',
    entries: {
      index: 'src/index.ts',
      'landmarks/index': 'src/landmarks/index.ts',
      'losses/index': 'src/losses/index.ts',
      'options/index': 'src/options/index.ts',
      'testing/index': 'src/testing/index.ts',
    },
  },
  { name: 'models', entries: { index: 'src/index.ts', 'checkpoints/index': 'src/checkpoints/index.ts' } },
  { name: 'media', entries: { 'node/index': 'src/node/index.ts', 'files/index': 'src/files/index.ts' } },
  { name: 'backend-node', entries: { index: 'src/index.ts' } },
  { name: 'backend-web', entries: { index: 'src/index.ts' } },
  // A program, not a library: ESM only and no declarations.
  { name: 'cli', entries: { bin: 'src/bin.ts' }, program: true },
].map((entry) => {
  const dir = `${root}packages/${entry.name}`;
  return { ...entry, dir, manifest: JSON.parse(readFileSync(`${dir}/package.json`, 'utf8')) };
});
