import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** The public packages in dependency order: a package stands after those it imports. */
export const packages = [
  {
    name: 'tensor',
    // The one module taken from inside tfjs: Node's ESM loader cannot import it. The gradients it registers
    // go into tfjs' global registry, so a bundled copy serves the tfjs-core that the user installed.
    bundled: [/^@tensorflow\/tfjs-core\/dist\/register_all_gradients/],
  },
  { name: 'core' },
  { name: 'models' },
  { name: 'media' },
  { name: 'backend-node' },
  { name: 'backend-web' },
  // A program, not a library: ESM only and no declarations.
  { name: 'cli', program: true },
].map((each) => {
  const dir = `${root}packages/${each.name}`;
  const manifest = JSON.parse(readFileSync(`${dir}/package.json`, 'utf8'));
  return { ...each, dir, manifest, modules: each.program ? ['bin'] : modulesOf(manifest.exports) };
});

/** The modules that a package exports: `losses/index` is `src/losses/index.ts`, built into `dist/losses/index.js`. */
function modulesOf(exports) {
  const files = (target) => (typeof target === 'string' ? [target] : Object.values(target).flatMap(files));
  return [...new Set(files(exports).flatMap((file) => file.match(/^\.\/dist\/(.+)\.js$/)?.[1] ?? []))];
}
