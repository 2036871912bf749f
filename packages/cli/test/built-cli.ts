import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { afterAll } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Bundles our own packages, whose modules find their assets as in their own places, and the one that Node cannot import. */
const ours: Plugin = {
  name: 'ours',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^./]/ }, ({ path }) =>
      /^@faceanim\/|register_all_gradients$/.test(path) ? undefined : { external: true },
    );
    onLoad({ filter: /packages\/[^/]+\/src\/.*\.ts$/ }, ({ path }) => {
      const here = JSON.stringify(pathToFileURL(path).href);
      return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', here), loader: 'ts' };
    });
  },
};

/** Builds the command line from the sources, for tests that start it often or kill it. */
export async function builtCli(): Promise<string> {
  // From here, imported packages are those of the command line.
  const cache = join(root, 'packages/cli/node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'faceanim-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  await build({
    entryPoints: [join(root, 'packages/cli/src/bin.ts')],
    tsconfig: join(root, 'tsconfig.json'),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    plugins: [ours],
  });
  return join(folder, 'bin.mjs');
}
