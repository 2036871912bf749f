import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The public packages in dependency order: a package stands after those it imports. `budget` is the most that its tarball may
 * have, in kilobytes.
 */
export const packages = [
  {
    name: 'tensor',
    budget: 350,
    // The one module taken from inside tfjs: Node's ESM loader cannot import it. The gradients it registers
    // go into tfjs' global registry, so a bundled copy serves the tfjs-core that the user installed.
    bundled: [/^@tensorflow\/tfjs-core\/dist\/register_all_gradients/],
  },
  { name: 'core', budget: 300 },
  { name: 'models', budget: 9000 },
  { name: 'media', budget: 100 },
  { name: 'backend-node', budget: 20 },
  // tfjs' binaries beside the script, where bundlers find them.
  { name: 'backend-web', budget: 450, binaries: '@tensorflow/tfjs-backend-wasm/dist' },
  { name: 'browser', budget: 45 },
  { name: 'jobs', budget: 60 },
  // A program, not a library: ESM only and no declarations.
  { name: 'cli', budget: 340, program: true },
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
