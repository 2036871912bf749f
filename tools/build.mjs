// Builds every package into its dist/: ESM, CommonJS and declarations. `--no-dts` leaves the declarations out, `--into` takes
// another folder for NAME/dist.
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'tsup';
import { packages, root } from './packages.mjs';

const { values } = parseArgs({
  options: { 'no-dts': { type: 'boolean', default: false }, into: { type: 'string' } },
});
const started = performance.now();

const distOf = ({ dir, name }) => (values.into ? join(values.into, name, 'dist') : `${dir}/dist`);

const options = ({ dir, name, bundled, program }, modules) => ({
  config: false,
  silent: true,
  entry: Object.fromEntries(modules.map((name) => [name, `${dir}/src/${name}.ts`])),
  outDir: distOf({ dir, name }),
  tsconfig: `${root}tsconfig.build.json`,
  target: 'node20',
  platform: 'neutral',
  format: program ? ['esm'] : ['esm', 'cjs'],
  noExternal: bundled ?? [],
  // Bundlers for browsers recognise Node's modules by the prefix `node:`.
  removeNodeProtocol: false,
  esbuildOptions(esbuild, { format }) {
    if (format === 'cjs') esbuild.supported = loweredForCommonJs;
  },
});

// tsup makes CommonJS of ES modules by sucrase, which rewrites these, and initialises public fields after private ones. esbuild
// keeps their order, and leaves nothing to rewrite.
const loweredForCommonJs = {
  'class-field': false,
  'class-static-field': false,
  'nullish-coalescing': false,
  'optional-chain': false,
};

// `Disposable` needs a library that the `lib` of most users does not name.
const disposable = '/// <reference lib="esnext.disposable" />';

async function buildAll() {
  for (const each of packages) rmSync(distOf(each), { recursive: true, force: true });
  await Promise.all(
    packages.map((each) =>
      build({
        ...options(each, each.modules),
        // All dependencies stay imports, optional peers too.
        skipNodeModulesBundle: true,
        splitting: each.program || each.modules.length > 1,
        shims: true,
        // tsup makes a file with this first line executable.
        banner: each.program ? { js: '#!/usr/bin/env node' } : {},
      }),
    ),
  );
  for (const each of packages) if (each.binaries) copyBinaries(each);
  if (values['no-dts']) return;
  // In dependency order: each package is compiled against the built declarations of the packages below, as a user
  // would. A type that is not exported is an error here, not a path into our sources.
  for (const each of packages) {
    if (!each.program)
      await build({ ...options(each, each.interfaces), dts: { only: true, banner: disposable } });
  }
}

function copyBinaries({ binaries, ...each }) {
  const from = join(root, 'node_modules', binaries);
  for (const name of readdirSync(from))
    if (name.endsWith('.wasm')) cpSync(join(from, name), join(distOf(each), 'wasm', name));
}

try {
  await buildAll();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `Built ${packages.length} packages${values['no-dts'] ? ' without declarations' : ''} in ${seconds} s`,
  );
} catch (error) {
  // tsup has printed the compiler's messages already.
  console.error(`The build failed: ${error.message}`);
  process.exit(1);
}
