// Copies the networks of the avatar pack and their model card into @faceanim/models, fits an encoder to the generator
// (a few minutes), and writes sizes and hashes. Run `npm run build:js` before.
// usage: node tools/update-avatar-pack.mjs FOLDER
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBackend } from '@faceanim/backend-node';
import { fitEncoder, loadGenerator, loadLandmarkNet } from '@faceanim/models';

const names = ['generator.safetensors', 'fan.safetensors', 'lpips-student.safetensors', 'factors.json'];

const licence = 'CC0 1.0, with one notice to keep: see MODEL_CARD.md';

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node tools/update-avatar-pack.mjs FOLDER');
  process.exit(2);
}

// Everything is read and fitted before the first file is replaced: it takes minutes and may fail.
const card = await readFile(join(folder, 'README.md'));
const contents = new Map();
for (const name of names) contents.set(name, await readFile(join(folder, name)));
contents.set('encoder.safetensors', await fitToGenerator(folder));

const target = new URL('../packages/models/assets/avatar/', import.meta.url);
const files = {};
for (const [name, bytes] of contents) {
  await writeFile(new URL(name, target), bytes);
  files[name] = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  console.log(`${name}  ${bytes.length} bytes`);
}
await writeFile(new URL('manifest.json', target), `${JSON.stringify({ files, licence }, null, 2)}\n`);
await writeFile(new URL('MODEL_CARD.md', target), card);

async function fitToGenerator(networks) {
  const backend = await openBackend();
  const generator = await loadGenerator(join(networks, 'generator.safetensors'));
  const landmarkNet = await loadLandmarkNet(join(networks, 'fan.safetensors'));
  const onProgress = ({ fraction }) =>
    process.stdout.write(`\rfitting the encoder: ${Math.round(100 * fraction)} %`);
  const encoder = await fitEncoder({ generator, landmarkNet, onProgress });
  process.stdout.write('\n');
  for (const network of [generator, landmarkNet]) network[Symbol.dispose]();
  await backend[Symbol.asyncDispose]();
  return encoder.toSafetensors();
}
