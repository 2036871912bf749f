/**
 * `npm run bench:bundle [-- --out FOLDER]`: makes a folder that measures a GPU on a machine where nothing can be installed: one
 * script with all of the SDK, this Node, Dawn, and the avatar pack. README.md goes there too, and tells how to start it.
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'out/gpu-kit') },
    'no-node': { type: 'boolean', default: false },
  },
});
const out = resolve(values.out);
const manifest = join(out, 'package.json');
const name = 'faceanim-gpu-kit';
if (existsSync(out) && !(existsSync(manifest) && readFileSync(manifest, 'utf8').includes(name))) {
  console.error(`${out} exists and is not from this program. Choose another --out, or remove it.`);
  process.exit(2);
}
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
writeFileSync(manifest, JSON.stringify({ name, private: true }));

await build({
  entryPoints: [join(import.meta.dirname, 'main.ts')],
  outfile: join(out, 'main.mjs'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  mainFields: ['module', 'main'],
  tsconfig: join(root, 'tsconfig.json'),
  // Dawn is a binary. The others are other backends and formats, which are only loaded when they are asked for.
  external: [
    'webgpu',
    '@tensorflow/tfjs-node',
    '@tensorflow/tfjs-node-gpu',
    '@tensorflow/tfjs-backend-wasm',
    'sharp',
  ],
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

const dawn = dirname(createRequire(import.meta.url).resolve('webgpu'));
const binary = `dist/${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`;
for (const part of ['package.json', 'index.js', binary]) {
  cpSync(join(dawn, part), join(out, 'node_modules/webgpu', part), { recursive: true });
}
cpSync(join(root, 'packages/models/assets'), join(out, 'assets'), { recursive: true });
copyFileSync(join(import.meta.dirname, 'README.md'), join(out, 'README.md'));
if (!values['no-node'])
  copyFileSync(process.execPath, join(out, process.platform === 'win32' ? 'node.exe' : 'node'));
console.log(`Written: ${out}`);
