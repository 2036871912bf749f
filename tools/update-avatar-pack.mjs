// Copies the networks of the avatar pack into @faceanim/models, fits an encoder to its generator (some minutes), and
// writes sizes, hashes and the model card. Needs built packages (npm run build).
// usage: node tools/update-avatar-pack.mjs FOLDER
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBackend } from '@faceanim/backend-node';
import { fitEncoder, loadFan, loadGenerator } from '@faceanim/models';

const names = [
  'generator.safetensors',
  'fan.safetensors',
  'lpips-student.safetensors',
  'factors.json',
  'expected.safetensors',
];

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node tools/update-avatar-pack.mjs FOLDER');
  process.exit(2);
}

// Before anything is replaced: it takes minutes and may fail.
const encoder = await encoderOf(folder);
const target = fileURLToPath(new URL('../packages/models/assets/avatar/', import.meta.url));
await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });

const files = {};
async function add(name, bytes) {
  await writeFile(join(target, name), bytes);
  files[name] = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  console.log(`${name}  ${bytes.length} bytes`);
}
for (const name of names) await add(name, await readFile(join(folder, name)));
await add('encoder.safetensors', encoder);
await writeFile(join(target, 'manifest.json'), `${JSON.stringify({ files }, null, 2)}\n`);

// The card is the pack's own readme, with what was added here: it changes with the networks. Its links lead into the
// place it came from.
const encoderRow =
  '| encoder.safetensors | linear map, fitted by `fitEncoder` of @faceanim/models to 2,000 random faces of this ' +
  'generator (ridge regression, seed 0), fp16; CC0 1.0 | the look at 8x8 px in [0,1], 68 landmarks as fractions of ' +
  "the picture's side | w, for the optimisation to start from |";
const readme = await readFile(join(folder, 'README.md'), 'utf8');
const card = readme
  .replace(/^# .*/, '# Model card: the avatar pack')
  .replace(/^\| lpips-student.*/m, (row) => `${row}\n${encoderRow}`)
  .replace(/, see `[^`]*driving\.md`/g, '')
  .replace(/; on the clips in `[^`]*` /g, '; on drawn driver clips ')
  .replace(/ The main job with these three: `[^`]*`\./g, '');
await writeFile(join(target, 'MODEL_CARD.md'), card);

async function encoderOf(networks) {
  const backend = await openBackend();
  const generator = await loadGenerator(join(networks, 'generator.safetensors'));
  const landmarkNet = await loadFan(join(networks, 'fan.safetensors'));
  const onProgress = ({ fraction }) =>
    process.stdout.write(`\rfitting the encoder: ${Math.round(100 * fraction)} %`);
  const encoder = await fitEncoder({ generator, landmarkNet, onProgress });
  process.stdout.write('\n');
  for (const network of [generator, landmarkNet]) network[Symbol.dispose]();
  await backend[Symbol.asyncDispose]();
  return encoder.toSafetensors();
}
