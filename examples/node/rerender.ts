/**
 * Renders the latents of an earlier run with other sub-frames, without optimising again.
 *
 * Usage: rerender.ts [FILE] [FACTOR]. The default file is the output of quick-start.ts; `npm run demo` writes
 * out/demo.run/latents.safetensors.
 */
import { readFile } from 'node:fs/promises';
import { openBackend } from '@faceanim/backend-node';
import { decodeLatents, interpolate, render } from '@faceanim/core';
import { writeVideo } from '@faceanim/media';
import { avatarPack } from '@faceanim/models';

const [file = 'out/example.safetensors', factor = '6'] = process.argv.slice(2);
const latents = decodeLatents(await readFile(file), { file });

await using backend = await openBackend();
using models = await avatarPack();

const between = interpolate(latents, { factor: Number(factor), method: 'catmull-rom' });
const images = render(between, models.generator);
// The driver has 12.5 frames per second; play it at half speed.
const written = await writeVideo('out/rerendered.webp', images, { fps: (12.5 * Number(factor)) / 2 });
console.log(`${written.frames} frames on ${backend.description}: ${written.path}`);
