// Packs every package as npm would publish it and checks the tarballs: publint, are-the-types-wrong, README and
// licences, sizes, declared against used dependencies, and an installation that is imported, required, bundled and run in Node.
// Run `npm run build` before. Needs no network.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { build } from 'tsup';
import { check, finish } from './checks.mjs';
import { checkLicences, checkTfjs } from './dependencies.mjs';
import { checkNodeTypes, checkPageTypes, runCommonJs, runModule } from './empty-projects.mjs';
import { installPackages } from './installation.mjs';
import { packages, root } from './packages.mjs';
import { run } from './run.mjs';
import { budgets, entries, scriptSize } from './script-size.mjs';
import { checkDependencies, checkFiles, checkNotices, checkTexts } from './tarball.mjs';

const { folder, installed, remove } = installPackages();
const bin = (name) => `${root}node_modules/.bin/${name}`;
const node = (...args) => run(process.execPath, args, folder);

const libraries = packages.filter(({ program }) => !program);
/** `.` and `./losses` in `exports` as users import them. A file without declarations is an asset or a worker. */
const entryPoints = libraries.flatMap(({ manifest }) =>
  Object.entries(manifest.exports)
    .filter(([, target]) => typeof target !== 'string')
    .map(([path]) => manifest.name + path.slice(1)),
);
/** Loaded too, since some are imported lazily and Node 20 cannot `require` a package that is ESM only. */
const dependencies = libraries.flatMap(({ manifest }) => Object.keys(manifest.dependencies ?? {}));

for (const each of installed) {
  const { tarball, files, size, manifest } = each;
  const kilobytes = Math.ceil(size / 1000);
  console.log(`${manifest.name}: ${files.length} files, ${kilobytes} of ${each.budget} kB packed`);
  await check('publint', () => run(bin('publint'), ['run', '--strict', tarball], folder));
  if (!each.program) {
    // "node16" is modern Node and bundlers; the resolution of Node 10 ignores `exports`.
    const types = [
      '--profile',
      'node16',
      '--exclude-entrypoints',
      './package.json',
      './assets/*',
      './faceanim-worker',
    ];
    await check('are the types wrong', () => run(bin('attw'), [tarball, ...types], folder));
  }
  await check('files and size', () => checkFiles(each));
  await check('README and licence', () => checkTexts(each));
  await check('licences of what it holds of others', () => checkNotices(each));
  await check('declared dependencies', () => checkDependencies(each));
}

await check('what the manifests have in common', () =>
  run(process.execPath, [`${root}tools/sync-manifests.mjs`, '--check'], root),
);
await check('one version of TensorFlow.js', checkTfjs);
await check('licences of all dependencies', () => console.log(`        of ${checkLicences()}`));
console.log('installed packages');
cpSync(`${root}tools/smoke`, folder, { recursive: true });
for (const how of ['import', 'require']) {
  await check(`${how} in Node`, () => node('node.mjs', how, ...entryPoints, ...dependencies));
}
await check('import in Node without Symbol.dispose', () =>
  node('--import', './without-dispose-symbols.mjs', 'node.mjs', 'import', ...entryPoints),
);
await check('the code of the README in an empty project, ES modules', () => runModule(folder));
await check('the same, CommonJS', () => runCommonJs(folder));
await check('TypeScript, module node16: README, Get started, all that can be imported and required', () =>
  checkNodeTypes(folder, entryPoints),
);
await check('TypeScript, bundler: pages, without a lib of disposables or of Node', () =>
  checkPageTypes(folder, entryPoints),
);
await check('a bundle for Node', async () => {
  await build({
    config: false,
    silent: true,
    entry: [join(folder, 'bundle.mjs')],
    outDir: join(folder, 'bundle'),
    tsconfig: `${root}tsconfig.build.json`,
    platform: 'node',
    format: 'cjs',
    outExtension: () => ({ js: '.cjs' }),
    noExternal: [/./],
  });
  node('bundle/bundle.cjs');
});
await check('a bundle of @faceanim/media for browsers', async () => {
  const { outputFiles, metafile } = await esbuild.build({
    stdin: { contents: "export * from '@faceanim/media'", resolveDir: folder },
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'browser', outdir: 'bundle' },
    ...{ write: false, metafile: true, logLevel: 'silent' },
  });
  const [main, ...lazy] = Object.values(metafile.outputs).map(({ inputs }) => Object.keys(inputs).join('\n'));
  assert.match(main, /@faceanim\/media\/dist\/browser/);
  // A page that only reads pictures does not load mediabunny, and none loads TensorFlow.js.
  assert.doesNotMatch(main, /mediabunny/);
  assert.match(lazy.join('\n'), /mediabunny/);
  assert.doesNotMatch([main, ...lazy].join('\n'), /tensorflow/);
  for (const { path, text } of outputFiles) assert.doesNotMatch(text, /["'`]node:/, path);
});
await check('the sizes of scripts for browsers', async () => {
  const page = await scriptSize(entries.page, folder);
  const pageWithWorker = await scriptSize(entries.pageWithWorker, folder);
  const little = await scriptSize(entries.pageWithOneFunction, folder);
  const of = ({ kilobytes }, budget) => `${kilobytes.toFixed(1)} of ${budget} kB`;
  console.log(
    `        ${of(page, budgets.page)} of ours, ${of(pageWithWorker, budgets.pageWithWorker)} with a worker, ${of(little, budgets.pageWithOneFunction)} with one function`,
  );
  assert.ok(page.kilobytes <= budgets.page);
  assert.ok(pageWithWorker.kilobytes <= budgets.pageWithWorker);
  // Bundlers leave out what is not used.
  assert.ok(little.kilobytes <= budgets.pageWithOneFunction);
  // The runtimes and mediabunny are loaded when they are needed, and beside a worker not at all.
  for (const path of page.imports) assert.doesNotMatch(path, /tfjs-backend|mediabunny/);
  assert.deepEqual(pageWithWorker.imports, []);
});
await check('faceanim --help', () => node('node_modules/@faceanim/cli/dist/bin.js', '--help'));

finish(`the packed files are in ${folder}`);
remove();
