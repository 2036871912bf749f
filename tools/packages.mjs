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
  // tfjs' binaries beside the script, where bundlers find them.
  { name: 'backend-web', binaries: '@tensorflow/tfjs-backend-wasm/dist' },
  { name: 'browser' },
  { name: 'jobs' },
  // A program, not a library: ESM only and no declarations.
  { name: 'cli', program: true },
].map((each) => {
  const dir = `${root}packages/${each.name}`;
  const manifest = JSON.parse(readFileSync(`${dir}/package.json`, 'utf8'));
  if (each.program) return { ...each, dir, manifest, modules: ['bin'], interfaces: [] };
  const { exports } = manifest;
  return {
    ...each,
    dir,
    manifest,
    modules: modulesOf(exports, '.js'),
    interfaces: modulesOf(exports, '.d.ts'),
  };
});

/**
 * The modules that a package exports as code or as declarations: `losses/index` is `src/losses/index.ts`, built into
 * `dist/losses/index.js` and `dist/losses/index.d.ts`. They differ where one interface has several implementations.
 */
function modulesOf(exports, extension) {
  const files = (target) => (typeof target === 'string' ? [target] : Object.values(target).flatMap(files));
  const built = files(exports).filter((file) => file.startsWith('./dist/') && file.endsWith(extension));
  return [...new Set(built.map((file) => file.slice('./dist/'.length, -extension.length)))];
}
