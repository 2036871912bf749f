// Packs every package as npm would publish it and checks the tarballs: publint, are-the-types-wrong, README and
// licence, declared against used dependencies, and an installation that is imported, required, bundled and run in Node.
// Run `npm run build` before. Needs no network.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { build } from 'tsup';
import { check, finish } from './checks.mjs';
import { installPackages } from './installation.mjs';
import { packages, root } from './packages.mjs';
import { run } from './run.mjs';
import { entries, scriptSize } from './script-size.mjs';

const { folder, installed, remove } = installPackages();
const modules = join(folder, 'node_modules');
const bin = (name) => `${root}node_modules/.bin/${name}`;
const node = (...args) => run(process.execPath, args, folder);

/** Whatever the built files import must be declared, and every declared dependency must be imported. */
function checkDependencies({ manifest }) {
  const dist = join(modules, manifest.name, 'dist');
  const used = new Set();
  for (const file of readdirSync(dist, { recursive: true })) {
    if (!/\.(js|cjs|ts|cts)$/.test(file)) continue;
    const imports =
      /(?<!['"])(?:\bfrom|\bimport|\bimport\(|\brequire\d*(?:\.resolve)?\()\s*['"]([^'"\n]+)['"]/g;
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
    throw new Error(`imported but not declared, or declared but not imported: ${wrong.join(', ')}`);
}

/** The README says below its title, in a paragraph of five lines at most, what the package is for. */
function checkTexts({ manifest }) {
  const read = (file) => readFileSync(join(modules, manifest.name, file), 'utf8');
  const [title, purpose] = read('README.md').split('\n\n');
  assert.equal(title, `# ${manifest.name}`);
  assert.match(purpose, /^(?!#|```).+(\n.+){0,4}$/);
  assert.match(read('LICENSE'), /^MIT License/);
  if (manifest.license.includes('Apache-2.0')) assert.match(read('LICENSE-TENSORFLOW.txt'), /Apache License/);
}

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
  console.log(`${manifest.name}: ${files} files, ${(size / 1e6).toFixed(2)} MB packed`);
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
  await check('README and licence', () => checkTexts(each));
  await check('declared dependencies', () => checkDependencies(each));
}

await check('what the manifests have in common', () =>
  run(process.execPath, [`${root}tools/sync-manifests.mjs`, '--check'], root),
);
console.log('installed packages');
cpSync(`${root}tools/smoke`, folder, { recursive: true });
for (const how of ['import', 'require']) {
  await check(`${how} in Node`, () => node('node.mjs', how, ...entryPoints, ...dependencies));
}
await check('import in Node without Symbol.dispose', () =>
  node('--import', './without-dispose-symbols.mjs', 'node.mjs', 'import', ...entryPoints),
);
await check('the code of the README, for one frame', () => {
  const [, code] = readFileSync(`${root}README.md`, 'utf8').match(/```js\n([\s\S]*?)```/);
  writeFileSync(join(folder, 'readme.mjs'), code.replace('limit: 5', 'limit: 1'));
  mkdirSync(join(folder, 'packages'));
  symlinkSync(`${root}packages/cli`, join(folder, 'packages/cli'));
  node('readme.mjs');
});
await check('the types, where lib names neither esnext.disposable nor anything of Node', () => {
  const imports = entryPoints.filter((name) => !/backend-node|jobs|\/files/.test(name));
  const dir = join(folder, 'types');
  mkdirSync(dir);
  writeFileSync(
    join(dir, 'page.ts'),
    `${imports.map((name, i) => `export * as module${i} from '${name}';\n`).join('')}
    import { openBackend } from '@faceanim/backend-web';
    import { createWorkerProjector } from '@faceanim/browser';
    import { projectSequence, type SequenceFrame } from '@faceanim/core';
    import { avatarPack } from '@faceanim/models';

    export async function* animate(driver: Blob): AsyncGenerator<SequenceFrame> {
      await using backend = await openBackend();
      using models = await avatarPack();
      using projector = await createWorkerProjector();
      yield* projector.project({ driver });
      yield* projectSequence({ ...models, backend, driver: [] });
    }`,
  );
  cpSync(`${root}examples/react`, join(folder, 'react'), { recursive: true });
  const { compilerOptions } = JSON.parse(readFileSync(join(folder, 'react/tsconfig.json'), 'utf8'));
  assert.deepEqual(compilerOptions.lib, ['ES2022', 'DOM', 'DOM.Iterable']);
  const config = { compilerOptions: { ...compilerOptions, types: [] }, include: ['types', 'react'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  run(bin('tsc'), ['-p', '.'], folder);
});
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
  console.log(
    `        ${page.kilobytes.toFixed(1)} kB of ours, ${pageWithWorker.kilobytes.toFixed(1)} kB with a worker`,
  );
  assert.ok(page.kilobytes < 160);
  assert.ok(pageWithWorker.kilobytes < 5);
  // The runtimes and mediabunny are loaded when they are needed, and beside a worker not at all.
  for (const path of page.imports) assert.doesNotMatch(path, /tfjs-backend|mediabunny/);
  assert.deepEqual(pageWithWorker.imports, []);
});
await check('faceanim --help', () => node('node_modules/@faceanim/cli/dist/bin.js', '--help'));

finish(`the packed files are in ${folder}`);
remove();
