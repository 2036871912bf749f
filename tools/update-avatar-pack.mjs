// Copies the networks of the avatar pack into @faceanim/models, writes their sizes and hashes and the model card.
// usage: node tools/update-avatar-pack.mjs FOLDER
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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

const target = fileURLToPath(new URL('../packages/models/assets/avatar/', import.meta.url));
await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });

const files = {};
for (const name of names) {
  const bytes = await readFile(join(folder, name));
  await writeFile(join(target, name), bytes);
  files[name] = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  console.log(`${name}  ${bytes.length} bytes`);
}
await writeFile(join(target, 'manifest.json'), `${JSON.stringify({ files }, null, 2)}\n`);

// The card is the pack's own readme: it changes with the networks. Its links lead into the place it came from.
const readme = await readFile(join(folder, 'README.md'), 'utf8');
const card = readme
  .replace(/^# .*/, '# Model card: the avatar pack')
  .replace(/, see `[^`]*driving\.md`/g, '')
  .replace(/; on the clips in `[^`]*` /g, '; on drawn driver clips ')
  .replace(/ The main job with these three: `[^`]*`\./g, '');
await writeFile(join(target, 'MODEL_CARD.md'), card);
