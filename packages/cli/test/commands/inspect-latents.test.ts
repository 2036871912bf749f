import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeFrame, encodeLatents } from '@faceanim/core';
import { expect, it } from 'vitest';
import { frame } from '../run/runs';
import { faceanim, temporaryFolder } from '../support';

const folder = temporaryFolder();
const run = join(folder, 'out.run');
const file = join(run, 'latents.safetensors');
mkdirSync(run);
writeFileSync(join(run, 'run.json'), '{}');
const latent = { numWs: 14, wDim: 8, data: new Float32Array(14 * 8) };
writeFileSync(file, encodeLatents([latent, latent, latent], { generator: 'bb' }));

it('latents are described as such, with the command that draws them', async () => {
  const { code, stdout } = await faceanim(['inspect', file]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/\n {2}generator: bb\n/);
  expect(stdout).toMatch(/\nlatents of 3 frames, \[14, 8\] each\n.* render \S+latents\.safetensors --out /);
  expect(stdout).not.toMatch(/network|licence/);
});

it('and as JSON', async () => {
  const { stdout } = await faceanim(['inspect', file, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ networks: [], latents: { frames: 3, shape: [14, 8] } });
});

it('latents of several shots, and a frame of a run with the state of its optimizer, are latents, too', async () => {
  const [cut, one] = [join(folder, 'cut.safetensors'), join(folder, '000000.safetensors')];
  writeFileSync(cut, encodeLatents([latent, { ...latent, shot: 1 }]));
  const carriedOver = { inverse: { shape: [1, 1], data: Float32Array.of(1) } };
  const history = Array.from({ length: 20 }, (_, step) => ({ step, total: 1 }));
  writeFileSync(one, encodeFrame({ ...frame(0), carriedOver, history }));
  expect((await faceanim(['inspect', cut])).stdout).toContain('latents of 2 frames, [14, 8] each');
  const { stdout } = await faceanim(['inspect', one]);
  expect(stdout).toContain('latents of 1 frame, [1, 2] each');
  expect(stdout).toMatch(/^ {2}faceanim: .{200} … \(all of it with --json\)$/m);
});

it('a run folder is not a checkpoint, and the command that takes it is named', async () => {
  const { code, stderr } = await faceanim(['inspect', run]);
  expect(stderr).toMatch(/out\.run is the folder of a run.*\n.* render \S+out\.run --out /);
  expect(code).toBe(3);
});

it('nor is another folder', async () => {
  expect((await faceanim(['inspect', folder])).stderr).toMatch(/ is a folder, not a file/);
});
