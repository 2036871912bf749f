// Builds a page from the packed packages with webpack, Vite and esbuild, and runs each build in a headless Chromium.
// Run `npm run build:js` before. Needs no network.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, unlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';
import * as vite from 'vite';
import webpack from 'webpack';
import { findChromium, runPage } from './browser';
import { check, finish } from './checks.mjs';
import { installPackages } from './installation.mjs';
import { root } from './packages.mjs';

if (!findChromium()) {
  console.log('skipped: no Chromium in the PATH, and CHROMIUM names none');
  process.exit();
}

const { folder, remove } = installPackages();
const page = join(folder, 'page');
const entry = join(page, 'page.js');
const html = join(page, 'index.html');
cpSync(`${root}tools/smoke/page`, page, { recursive: true });

/** Each builds the page for production with its defaults and returns warnings and errors: there are to be none. */
const bundlers = {
  async webpack(path) {
    const output = { path, filename: 'page.js' };
    const stats = await promisify(webpack)({
      mode: 'production',
      ...{ context: page, entry, output },
      performance: { hints: false }, // tfjs is large
    });
    cpSync(html, join(path, 'index.html'));
    const { errors, warnings } = stats.toJson({ errors: true, warnings: true });
    return [...errors, ...warnings].map(({ message }) => message);
  },

  async Vite(outDir) {
    const warnings = [];
    await vite.build({
      root: page,
      configFile: false,
      logLevel: 'warn',
      customLogger: { ...vite.createLogger('warn'), warn: (message) => warnings.push(message) },
      build: { outDir, emptyOutDir: true },
    });
    return warnings;
  },

  async esbuild(outdir) {
    const { warnings } = await esbuild.build({
      ...{ entryPoints: [entry], outdir },
      ...{ bundle: true, splitting: true, format: 'esm', minify: true, logLevel: 'silent' },
    });
    cpSync(html, join(outdir, 'index.html'));
    return warnings.map(({ text }) => text);
  },
};

/** The files of a folder, by their paths on a server. */
function serve(from, at) {
  const entries = readdirSync(from, { recursive: true, withFileTypes: true });
  const files = entries.filter((each) => each.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(files.map((file) => [at + relative(from, file), file]));
}

/** Uninstalls all packages of TensorFlow.js but some. */
function keepOnly(...names) {
  const scope = join(folder, 'node_modules/@tensorflow');
  unlinkSync(scope);
  mkdirSync(scope);
  for (const name of names) symlinkSync(`${root}node_modules/@tensorflow/${name}`, join(scope, name));
}

/**
 * What the page has to report: losses that fall, pictures that move and come back from a video, a face of the bundled pack,
 * no tensor left behind.
 */
function checkReport({ backend, losses, images, video, face, identities, withoutFolder, tensorsLeft }) {
  assert.equal(backend, 'wasm');
  assert.equal(losses.length, 2);
  for (const { first, last } of losses)
    assert.ok(0 < last && last < first, `a loss went from ${first} to ${last}`);
  const bytes = 16 * 16 * 3;
  assert.deepEqual(
    images.map(({ length }) => length),
    [bytes, bytes, bytes],
    'two frames and one between them, 16 pixels square',
  );
  assert.notDeepEqual(images[0], images[2]);
  assert.deepEqual(video, ['16x16', '16x16', '16x16']);
  assert.deepEqual([face.width, face.height, identities], [256, 256, 30]);
  assert.ok(face.values > 100, `the bytes of the face take ${face.values} values`);
  for (const { code, hint } of withoutFolder) {
    assert.equal(code, 'io');
    assert.match(hint, /^Serve node_modules\/@faceanim\/models\/assets\/avatar /);
  }
  assert.equal(tensorsLeft, 0);
}

// As the README of @faceanim/backend-web says.
const wasm = serve(`${root}node_modules/@tensorflow/tfjs-backend-wasm/dist`, '/wasm/');
// As the README of @faceanim/models says.
const models = serve(join(folder, 'node_modules/@faceanim/models/assets'), '/models/');
for (const [name, build] of Object.entries(bundlers)) {
  await check(`a page built by ${name}`, async () => {
    const out = join(folder, name);
    const problems = await build(out);
    if (problems.length) throw new Error(problems.join('\n'));
    const built = serve(out, '/');
    for (const file of Object.values(built)) {
      const code = readFileSync(file, 'utf8');
      assert.doesNotMatch(
        code,
        /\b(import|from|require)\b[\s(]*["'`]node:/,
        `${file} imports a module of Node`,
      );
      assert.doesNotMatch(file, /safetensors/, 'the pack is served, not bundled');
    }
    checkReport(await runPage({ files: { ...built, ...wasm, ...models }, timeoutMs: 60_000 }));
  });
}

// The runtimes are optional: with one of them installed, the page builds too, and says which others to install.
keepOnly('tfjs-core', 'tfjs-backend-wasm', 'tfjs-backend-cpu');
for (const [name, build] of Object.entries(bundlers)) {
  await check(`a page built by ${name} with only the WASM runtime installed`, async () => {
    const out = join(folder, `${name}-wasm`);
    for (const problem of await build(out)) assert.match(problem, /tfjs-backend-web(gl|gpu)/);
    const { backend, withoutWebgl } = await runPage({
      files: { ...serve(out, '/'), ...wasm, ...models },
      timeoutMs: 60_000,
    });
    assert.equal(backend, 'wasm');
    assert.equal(withoutWebgl.hint, 'Run: npm install @tensorflow/tfjs-backend-webgl');
  });
}
finish(`the pages are in ${folder}`);
remove();
