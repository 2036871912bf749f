// Fits the landmark model of the avatar pack to a new FAN, FOLDER/fan.safetensors, or to the present one: draws 3000 random faces with
// known landmarks, reads them with the network, and writes FOLDER/landmark-model-fan.safetensors. update-avatar-pack.mjs copies both.
// Takes ten minutes and 0.6 GB of disk; needs python3 (or PYTHON) with numpy and Pillow, and gcc. Run `npm run build:js` before.
// usage: node tools/fit-landmark-model.mjs SHARED FOLDER
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBackend } from '@faceanim/backend-node';
import { centredSquare, detectLandmarks } from '@faceanim/core/landmarks';
import { loadLandmarkNet } from '@faceanim/models';
import { needPython, pythonCommand } from './python.mjs';

const [shared, folder] = process.argv.slice(2);
if (!folder || !existsSync(join(shared, 'lab/pack/render'))) {
  console.error('usage: node tools/fit-landmark-model.mjs SHARED FOLDER');
  process.exit(2);
}
try {
  needPython(['numpy', 'PIL']);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const [faces, each, side] = [3000, 500, 256];
const given = join(folder, 'fan.safetensors');
const present = new URL('../packages/models/assets/avatar/fan.safetensors', import.meta.url);

await mkdir(folder, { recursive: true });
const backend = await openBackend();
await backend.activate();
const landmarkNet = await loadLandmarkNet(await readFile(existsSync(given) ? given : present));
for (let first = 0; first < faces; first += each) {
  python('draw', first, each);
  const path = join(folder, String(first).padStart(5, '0'));
  const pictures = await readFile(`${path}.raw`);
  const readings = new Float32Array(each * 136);
  for (let i = 0; i < each; i++) {
    const length = 3 * side ** 2;
    const image = { width: side, height: side, data: pictures.subarray(i * length, (i + 1) * length) };
    const { landmarks } = await detectLandmarks(image, centredSquare(image), landmarkNet);
    readings.set(landmarks, i * 136);
  }
  await writeFile(`${path}.read`, readings);
  console.log(`${first + each} of ${faces} faces`);
}
landmarkNet[Symbol.dispose]();
await backend[Symbol.asyncDispose]();
python('fit');

function python(command, ...numbers) {
  const script = fileURLToPath(new URL('fit-landmark-model.py', import.meta.url));
  const { status } = spawnSync(pythonCommand(), [script, command, shared, folder, ...numbers.map(String)], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
