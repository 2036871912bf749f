// Copies networks and other files of the avatar pack from FOLDER into @faceanim/models, fits an encoder to the generator (a few
// minutes), computes its latent statistics, and writes sizes and hashes. Files that FOLDER does not have stay as they are. Run
// `npm run build:js` before. The names of the factors stay: kits name them otherwise. From FOLDER's expected.safetensors, numbers of
// PyTorch for these networks, the tests get a sample.
// usage: node tools/update-avatar-pack.mjs FOLDER
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openBackend } from '@faceanim/backend-node';
import { latentStatistics } from '@faceanim/core';
import { fitEncoder, loadGenerator, loadLandmarkNet } from '@faceanim/models';
import { decodeSafetensors, encodeSafetensors } from '@faceanim/tensor';

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
const oracle = new URL('../packages/models/test/packs/expected.safetensors', import.meta.url);

// Everything is read and fitted before the first file is replaced: it takes minutes and may fail.
const contents = new Map();
for (const name of names) contents.set(name, await readNew(name));
const card = await readNew('MODEL_CARD.md');
contents.set('factors.json', await presentFactors());
const expected = await sampleExpected();
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
if (expected) await writeFile(oracle, expected);

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

/** Pictures and heat maps would be 3 MB; every fifth pixel and third cell say as much. Odd, since even and odd pixels differ. */
async function sampleExpected() {
  const given = pathToFileURL(join(folder, 'expected.safetensors'));
  if (!existsSync(given)) return undefined;
  const { tensors, metadata } = decodeSafetensors(await readFile(given));
  const every = { image: 5, heat_0: 3, heat_last: 3 };
  const sampled = [...tensors].map(([name, tensor]) => {
    const sample = name in every ? everyNth(tensor, every[name]) : tensor;
    return [name, { ...sample, dtype: name.startsWith('heat') ? 'F16' : 'F32' }];
  });
  return encodeSafetensors(sampled, { ...metadata, every: JSON.stringify(every) });
}

/** Every nth row and column of an NCHW tensor. */
function everyNth({ shape: [n, channels, height, width], data }, step) {
  const kept = data.filter(
    (_, i) => (i % width) % step === 0 && (Math.floor(i / width) % height) % step === 0,
  );
  return { shape: [n, channels, Math.ceil(height / step), Math.ceil(width / step)], data: kept };
}

async function fitToGenerator() {
  const backend = await openBackend();
  const generator = await loadGenerator(contents.get('generator.safetensors'));
  const landmarkNet = await loadLandmarkNet(contents.get('fan.safetensors'));
  const encoder = await fitEncoder({ generator, landmarkNet, onProgress: progressPrinter() });
  const statistics = await latentStatistics(generator);
  for (const network of [generator, landmarkNet]) network[Symbol.dispose]();
  await backend[Symbol.asyncDispose]();
  return [
    ['encoder.safetensors', encoder.toSafetensors()],
    ['statistics.safetensors', encodeStatistics(statistics)],
  ];
}

/** One line that counts up on a terminal, elsewhere a line every 10 %. */
function progressPrinter() {
  const { stderr } = process;
  let printed = -1;
  return ({ fraction }) => {
    const percent = stderr.isTTY ? Math.round(100 * fraction) : 10 * Math.floor(10 * fraction);
    if (percent === printed) return;
    printed = percent;
    const [start, end] = stderr.isTTY ? ['\r', percent === 100 ? '\n' : ''] : ['', '\n'];
    stderr.write(`${start}fitting the encoder: ${percent} %${end}`);
  };
}

function encodeStatistics({ wDim, mean, covariance, sampled: { samples, seed } }) {
  const tensors = [
    ['mean', { shape: [wDim], data: mean }],
    ['covariance', { shape: [wDim, wDim], data: Float32Array.from(covariance) }],
  ];
  return encodeSafetensors(tensors, { samples: String(samples), seed: String(seed) });
}
