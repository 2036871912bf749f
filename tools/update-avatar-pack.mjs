// Copies networks and other files of the avatar pack from FOLDER into @faceanim/models, fits an encoder to the generator (a few
// minutes), computes its latent statistics, and writes sizes and hashes. Files that FOLDER does not have stay as they are. Run
// `npm run build:js` before. The names of the factors stay: kits name them otherwise.
// usage: node tools/update-avatar-pack.mjs FOLDER
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openBackend } from '@faceanim/backend-node';
import { latentStatistics } from '@faceanim/core';
import { fitEncoder, loadGenerator, loadLandmarkNet } from '@faceanim/models';
import { encodeSafetensors } from '@faceanim/tensor';

const names = [
  'generator.safetensors',
  'fan.safetensors',
  'lpips-student.safetensors',
  'landmark-model.safetensors',
  'landmark-model-fan.safetensors',
];

/** SPDX expressions; the texts are in LICENSE.txt. */
const [free, withNotice] = ['CC0-1.0', 'CC0-1.0 AND BSD-3-Clause'];

const [folder] = process.argv.slice(2);
if (!folder || !existsSync(folder)) {
  console.error(folder ? `There is no folder ${folder}.` : 'usage: node tools/update-avatar-pack.mjs FOLDER');
  process.exit(2);
}

const target = new URL('../packages/models/assets/avatar/', import.meta.url);

// Everything is read and fitted before the first file is replaced: it takes minutes and may fail.
const contents = new Map();
for (const name of names) contents.set(name, await readNew(name));
const card = await readNew('MODEL_CARD.md');
contents.set('factors.json', await presentFactors());
for (const [name, bytes] of await fitToGenerator()) contents.set(name, bytes);

const files = {};
for (const [name, bytes] of contents) {
  await writeFile(new URL(name, target), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const licence = name === 'lpips-student.safetensors' ? withNotice : free;
  files[name] = { bytes: bytes.length, sha256, licence };
  console.log(`${name}  ${bytes.length} bytes`);
}
const manifest = { files, licence: withNotice, licenceFile: 'LICENSE.txt' };
await writeFile(new URL('manifest.json', target), `${JSON.stringify(manifest, null, 2)}\n`);
await writeFile(new URL('MODEL_CARD.md', target), card);

/** A file of FOLDER, or the present one. */
async function readNew(name) {
  const given = pathToFileURL(join(folder, name));
  if (existsSync(given)) return readFile(given);
  console.log(`${name}  stays as it is`);
  return readFile(new URL(name, target));
}

/** The present names, if they are for the same columns. */
async function presentFactors() {
  const present = await readFile(new URL('factors.json', target));
  const given = pathToFileURL(join(folder, 'factors.json'));
  if (!existsSync(given)) return present;
  const places = (bytes) => JSON.parse(bytes).columns.map(({ index, group }) => `${index} ${group}`);
  const [ours, theirs] = [places(present), places(await readFile(given))];
  if (ours.join() === theirs.join()) return present;
  throw new Error('factors.json of FOLDER has other columns: name them in the present one first.');
}

async function fitToGenerator() {
  const backend = await openBackend();
  const generator = await loadGenerator(contents.get('generator.safetensors'));
  const landmarkNet = await loadLandmarkNet(contents.get('fan.safetensors'));
  const onProgress = ({ fraction }) =>
    process.stdout.write(`\rfitting the encoder: ${Math.round(100 * fraction)} %`);
  const encoder = await fitEncoder({ generator, landmarkNet, onProgress });
  process.stdout.write('\n');
  const statistics = await latentStatistics(generator);
  for (const network of [generator, landmarkNet]) network[Symbol.dispose]();
  await backend[Symbol.asyncDispose]();
  return [
    ['encoder.safetensors', encoder.toSafetensors()],
    ['statistics.safetensors', encodeStatistics(statistics)],
  ];
}

function encodeStatistics({ wDim, mean, covariance, sampled: { samples, seed } }) {
  const tensors = [
    ['mean', { shape: [wDim], data: mean }],
    ['covariance', { shape: [wDim, wDim], data: Float32Array.from(covariance) }],
  ];
  return encodeSafetensors(tensors, { samples: String(samples), seed: String(seed) });
}
