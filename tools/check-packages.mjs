// Packs every package as npm would publish it and checks the tarballs: publint, are-the-types-wrong, declared
// against used dependencies, and an installation that is imported, required, bundled and run under plain Node.
// Run `npm run build` before. Needs no network.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'tsup';
import { packages, root } from './packages.mjs';

const temp = mkdtempSync(join(tmpdir(), 'faceanim-packages-'));
const modules = join(temp, 'node_modules');
const bin = (name) => `${root}node_modules/.bin/${name}`;
let failures = 0;

/** Prints the outcome of one check; a text is what is wrong. */
function report(what, problem) {
  console.log(problem ? `  FAIL  ${what}\n${problem}` : `  ok    ${what}`);
  if (problem) failures++;
}

/** Runs a command to its end; throws what it printed when it fails. */
function run(command, args, cwd = temp) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(error?.message ?? `${stdout}${stderr}`);
  return stdout;
}

/** One check: it fails when `body` throws. */
async function check(what, body) {
  try {
    await body();
    report(what);
  } catch (error) {
    report(what, error.message);
  }
}

function pack({ dir, manifest }) {
  const [{ filename, size, files }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', temp], dir),
  );
  console.log(`${manifest.name}: ${files.length} files, ${(size / 1e6).toFixed(2)} MB packed`);
  return join(temp, filename);
}

/** Unpacks a tarball where Node finds it, as `npm install` would. */
function install(tarball, { dir, manifest }) {
  const target = join(modules, manifest.name);
  mkdirSync(target, { recursive: true });
  run('tar', ['xzf', tarball, '-C', target, '--strip-components=1']);
  if (existsSync(`${dir}/node_modules`)) symlinkSync(`${dir}/node_modules`, join(target, 'node_modules'));
}

/** Third-party packages come from the repository's own installation. */
function linkDependencies() {
  for (const entry of readdirSync(`${root}node_modules`)) {
    if (entry !== '@faceanim' && !entry.startsWith('.'))
      symlinkSync(`${root}node_modules/${entry}`, join(modules, entry));
  }
}

/** What the built files import must be declared, and what is declared as a dependency must be imported. */
function checkDependencies({ manifest }) {
  const dist = join(modules, manifest.name, 'dist');
  const used = new Set();
  for (const file of readdirSync(dist, { recursive: true })) {
    if (!/\.(js|cjs|ts|cts)$/.test(file)) continue;
    const imports = /(?<!['"])(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*['"]([^'"\n]+)['"]/g;
    for (const [, specifier] of readFileSync(join(dist, file), 'utf8').matchAll(imports)) {
      if (!specifier.startsWith('.') && !isBuiltin(specifier))
        used.add(specifier.match(/^(@[^/]+\/)?[^/]+/)[0]);
    }
  }
  const { dependencies = {}, peerDependencies = {}, name } = manifest;
  const wrong = [
    ...[...used].filter((each) => each !== name && !(each in dependencies) && !(each in peerDependencies)),
    ...Object.keys(dependencies).filter((each) => !used.has(each)),
  ];
  if (wrong.length)
    throw new Error(`imported and not declared, or declared and not imported: ${wrong.join(', ')}`);
}

const libraries = packages.filter(({ program }) => !program);
/** `.` and `./losses` in `exports` as the names a user imports; patterns such as `./assets/*` are no modules. */
const entryPoints = libraries.flatMap(({ manifest }) =>
  Object.keys(manifest.exports)
    .filter((path) => !path.includes('*') && !path.endsWith('.json'))
    .map((path) => manifest.name + path.slice(1)),
);
/** Some are imported lazily: they are loaded too, since Node 20 cannot `require` a package that is ESM only. */
const dependencies = libraries.flatMap(({ manifest }) => Object.keys(manifest.dependencies ?? {}));

mkdirSync(modules, { recursive: true });
linkDependencies();
for (const each of packages) {
  const tarball = pack(each);
  install(tarball, each);
  await check('publint', () => run(bin('publint'), ['run', '--strict', tarball]));
  if (!each.program) {
    // "node16": modern Node and bundlers; the resolution of Node 10 knows no `exports`.
    const types = ['--profile', 'node16', '--exclude-entrypoints', './package.json', './assets/*'];
    await check('are the types wrong', () => run(bin('attw'), [tarball, ...types]));
  }
  await check('declared dependencies', () => checkDependencies(each));
}

console.log('installed packages');
cpSync(`${root}tools/smoke`, temp, { recursive: true });
for (const how of ['import', 'require']) {
  await check(`${how} in Node`, () =>
    run(process.execPath, ['node.mjs', how, ...entryPoints, ...dependencies]),
  );
}
await check('import in Node without Symbol.dispose', () =>
  run(process.execPath, ['--import', './without-dispose-symbols.mjs', 'node.mjs', 'import', ...entryPoints]),
);
await check('the code of the README, for one frame', () => {
  const [, code] = readFileSync(`${root}README.md`, 'utf8').match(/```js\n([\s\S]*?)```/);
  writeFileSync(join(temp, 'readme.mjs'), code.replace('limit: 5', 'limit: 1'));
  mkdirSync(join(temp, 'packages'));
  symlinkSync(`${root}packages/cli`, join(temp, 'packages/cli'));
  run(process.execPath, ['readme.mjs']);
});
// A bundle for Node can be run here; one for browsers must at least find no module that browsers lack.
for (const platform of ['node', 'browser']) {
  await check(`bundle for ${platform}`, () =>
    build({
      config: false,
      silent: true,
      entry: { [platform]: join(temp, 'bundle.mjs') },
      outDir: join(temp, 'bundle'),
      tsconfig: `${root}tsconfig.build.json`,
      platform,
      format: 'cjs',
      outExtension: () => ({ js: '.cjs' }),
      noExternal: [/./],
    }),
  );
}
await check('run the bundle', () => run(process.execPath, [join(temp, 'bundle/node.cjs')]));
await check('faceanim --help', () =>
  run(process.execPath, [join(modules, '@faceanim/cli/dist/bin.js'), '--help']),
);

if (failures) {
  console.error(`${failures} checks failed; the packed files are in ${temp}`);
  process.exit(1);
}
rmSync(temp, { recursive: true });
