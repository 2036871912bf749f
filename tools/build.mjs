// Builds every package into its dist/: ESM, CommonJS and declarations. `--no-dts` leaves the declarations out.
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { build } from 'tsup';
import { packages, root } from './packages.mjs';

const { values } = parseArgs({ options: { 'no-dts': { type: 'boolean', default: false } } });
const started = performance.now();

const options = ({ dir, modules, bundled, program }) => ({
  config: false,
  silent: true,
  entry: Object.fromEntries(modules.map((name) => [name, `${dir}/src/${name}.ts`])),
  outDir: `${dir}/dist`,
  tsconfig: `${root}tsconfig.build.json`,
  target: 'node20',
  platform: 'neutral',
  format: program ? ['esm'] : ['esm', 'cjs'],
  noExternal: bundled ?? [],
  // `node:fs` stays `node:fs`: bundlers for browsers tell Node's modules by the prefix.
  removeNodeProtocol: false,
});

async function buildAll() {
  for (const each of packages) rmSync(`${each.dir}/dist`, { recursive: true, force: true });
  await Promise.all(
    packages.map((each) =>
      build({
        ...options(each),
        // Everything that is not ours stays an import, also what only an optional peer provides.
        skipNodeModulesBundle: true,
        splitting: each.program || each.modules.length > 1,
        shims: true,
        // tsup makes a file that starts like this executable.
        banner: each.program ? { js: '#!/usr/bin/env node' } : {},
        sourcemap: true,
      }),
    ),
  );
  if (values['no-dts']) return;
  // In dependency order: declarations are made against the built declarations of the packages below, as a user
  // would see them, so that a type which is not exported is an error here and not a path into our sources.
  for (const each of packages) {
    if (!each.program) await build({ ...options(each), dts: { only: true } });
  }
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
