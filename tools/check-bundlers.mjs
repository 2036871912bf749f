// Builds a page from the packed packages with webpack, Vite and esbuild, and runs each build in a headless Chromium. Runs
// it from Vite's development server and without a bundler, too. Run `npm run build:js` before. Needs no network.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';
import * as vite from 'vite';
import webpack from 'webpack';
import { findChromium, runPage } from './browser';
import { check, finish } from './checks.mjs';
import { installPackages } from './installation.mjs';
import { packages, root } from './packages.mjs';
import { codeBlock, replaced } from './readme.mjs';
import { served, servedModules, withoutCdn } from './served-files.mjs';

if (!findChromium()) {
  console.log('skipped: no Chromium in the PATH, and CHROMIUM names none');
  process.exit();
}

const { folder, remove } = installPackages();
const entry = join(folder, 'page.js');
const html = join(folder, 'index.html');
cpSync(`${root}tools/smoke/page`, folder, { recursive: true });

/** Each builds the page for production with its defaults and returns warnings and errors: there are to be none. */
const bundlers = {
  async webpack(path) {
    const output = { path, filename: 'page.js' };
    const stats = await promisify(webpack)({
      mode: 'production',
      ...{ context: folder, entry, output },
      performance: { hints: false }, // tfjs is large
    });
    cpSync(html, join(path, 'index.html'));
    const { errors, warnings } = stats.toJson({ errors: true, warnings: true });
    return [...errors, ...warnings].map(({ message }) => message);
  },

  async Vite(outDir) {
    const warnings = [];
    await vite.build({
      root: folder,
      configFile: false,
      logLevel: 'warn',
      customLogger: { ...vite.createLogger('warn'), warn: (message) => warnings.push(message) },
      build: {
        ...{ outDir, emptyOutDir: true },
        chunkSizeWarningLimit: 1000, // tfjs is large
        rolldownOptions: { checks: { pluginTimings: false } }, // a busy machine is slow
      },
    });
    return warnings;
  },

  async esbuild(outdir) {
    const { warnings } = await esbuild.build({
      ...{ entryPoints: [entry, '@faceanim/browser/faceanim-worker'], entryNames: '[name]', outdir },
      ...{ bundle: true, splitting: true, format: 'esm', minify: true, logLevel: 'silent' },
      absWorkingDir: folder,
    });
    cpSync(html, join(outdir, 'index.html'));
    return warnings.map(({ text }) => text);
  },
};

/** The page with further scripts, which knows that it is served without a bundler. */
function unbundled(scripts = '') {
  const first = `<script>globalThis.unbundled = true</script>${scripts}`;
  return Buffer.from(readFileSync(html, 'utf8').replace('<script', `${first}<script`));
}

/** Our packages as they are, and those of others as a CDN serves them: each as a module for browsers. */
async function withoutBundler() {
  const used = packages.filter(({ name }) => !['backend-node', 'cli', 'jobs'].includes(name));
  const others = new Set(
    used.flatMap(({ manifest }) => Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })),
  );
  for (const name of ['sharp', '@vladmandic/face-api']) others.delete(name);
  const names = [...others].filter((name) => !name.startsWith('@faceanim/'));
  const ours = used.flatMap(({ manifest: { name, exports } }) =>
    Object.entries(exports).flatMap(([path, { import: target }]) =>
      target ? [[name + path.slice(1), `/node_modules/${name}/${target.default.slice(2)}`]] : [],
    ),
  );
  return {
    imports: Object.fromEntries([...ours, ...names.map((name) => [name, `/${name}.js`])]),
    files: {
      ...(await servedModules(names, folder)),
      ...served(join(folder, 'node_modules/@faceanim'), '/node_modules/@faceanim/'),
    },
  };
}

/** Uninstalls all packages of TensorFlow.js but some. */
function keepOnly(...names) {
  const scope = join(folder, 'node_modules/@tensorflow');
  unlinkSync(scope);
  mkdirSync(scope);
  for (const name of names) symlinkSync(`${root}node_modules/@tensorflow/${name}`, join(scope, name));
}

/**
 * Checks what the page reports, and returns the report of its worker: losses that fall, pictures that move and come back
 * from a video and a GIF, a face of the bundled pack,
 * no tensor left behind.
 */
function checkReport(report) {
  const { backend, losses, images, video, gif, face, worker, identities, wrongFolder, tensorsLeft } = report;
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
  for (const sizes of [video, gif]) assert.deepEqual(sizes, ['16x16', '16x16', '16x16']);
  assert.deepEqual([face.width, face.height, identities], [256, 256, 30]);
  assert.ok(face.values > 100, `the bytes of the face take ${face.values} values`);
  assert.equal(wrongFolder.code, 'io');
  assert.match(wrongFolder.hint, /^Serve the files of .*models\/assets\/avatar at http:.*\/nowhere\/,/);
  assert.equal(tensorsLeft, 0);
  return worker;
}

/** What has to be served beside a script by esbuild, which copies no files: as the READMEs of the packages say. */
const beside = {
  ...served(join(folder, 'node_modules/@faceanim/models/assets'), '/assets/'),
  ...served(`${root}node_modules/@tensorflow/tfjs-backend-wasm/dist`, '/wasm/'),
};

for (const [name, build] of Object.entries(bundlers)) {
  await check(`a page built by ${name}`, async () => {
    const out = join(folder, 'built', name);
    const problems = await build(out);
    if (problems.length) throw new Error(problems.join('\n'));
    const built = served(out, '/');
    for (const file of Object.values(built).filter((file) => file.endsWith('.js'))) {
      assert.doesNotMatch(
        readFileSync(file, 'utf8'),
        /\b(import|from|require)\b[\s(]*["'`]node:/,
        `${file} imports a module of Node`,
      );
    }
    const files = name === 'esbuild' ? { ...built, ...beside } : built;
    const worker = checkReport(await runPage({ files }));
    assert.equal(worker.backend, 'wasm');
    assert.deepEqual(worker.sizes, [[256, 256, 256 * 256 * 3]]);
    assert.equal(worker.wrongLook.code, 'io');
  });
}

await check(
  "the page from Vite's development server, with what docs/browser.md puts into its config",
  async () => {
    const [, config] = readFileSync(`${root}docs/browser.md`, 'utf8').match(
      /\/\/ vite\.config\.ts\n(.+?)```/s,
    );
    writeFileSync(join(folder, 'vite.config.ts'), config);
    const server = await vite.createServer({
      root: folder,
      logLevel: 'error',
      // A port of its own, for checks that run at the same time.
      server: { middlewareMode: true, hmr: { port: 20000 + (process.pid % 20000) } },
    });
    const handle = (request, response) => {
      server.middlewares(request, response);
      return true;
    };
    const worker = checkReport(await runPage({ files: { '/index.html': html }, handle }));
    assert.deepEqual(worker.sizes, [[256, 256, 256 * 256 * 3]]);
    await server.close();
    rmSync(join(folder, 'vite.config.ts'));
  },
);

await check('the page without a bundler, with an import map', async () => {
  const { imports, files } = await withoutBundler();
  const page = unbundled(`<script type="importmap">${JSON.stringify({ imports })}</script>`);
  const scripts = Object.fromEntries(['page.js', 'video.js'].map((name) => [`/${name}`, join(folder, name)]));
  checkReport(await runPage({ files: { ...files, ...scripts, '/index.html': page } }));
});

await check(
  'the page without a bundler of docs/browser.md, with the worker that esbuild has built',
  async () => {
    const post =
      "await fetch('/result', { method: 'POST', body: JSON.stringify({ value: projector.info }) });";
    const page = replaced(codeBlock('docs/browser.md', 'html'), '({ worker });', `({ worker });\n${post}`);
    const files = {
      ...(await withoutCdn(page, folder)),
      ...served(join(folder, 'node_modules/@faceanim'), '/node_modules/@faceanim/'),
      ...served(join(folder, 'built/esbuild'), '/js/'),
      ...served(join(folder, 'node_modules/@faceanim/models/assets'), '/assets/'),
      ...served(`${root}node_modules/@tensorflow/tfjs-backend-wasm/dist`, '/js/wasm/'),
    };
    const { backend, generator } = await runPage({ files });
    assert.deepEqual([backend.name, generator.resolution], ['wasm', 256]);
  },
);

// The runtimes are optional: with one of them installed, the page builds too, and says which others to install.
keepOnly('tfjs-core', 'tfjs-backend-wasm', 'tfjs-backend-cpu');
for (const [name, build] of Object.entries(bundlers)) {
  await check(`a page built by ${name} with only the WASM runtime installed`, async () => {
    const out = join(folder, 'built', `${name}-wasm`);
    for (const problem of await build(out)) assert.match(problem, /tfjs-backend-web(gl|gpu)/);
    const files = { ...served(out, '/'), ...(name === 'esbuild' && beside) };
    // Isolated, so that WASM has threads.
    const { backend, threads, withoutWebgl } = await runPage({ files, isolated: true });
    assert.equal(backend, 'wasm');
    assert.equal(threads, 2);
    assert.equal(withoutWebgl.hint, 'Run: npm install @tensorflow/tfjs-backend-webgl');
  });
}
finish(`the pages are in ${folder}`);
remove();
