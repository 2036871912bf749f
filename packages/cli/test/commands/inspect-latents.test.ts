import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeLatents } from '@faceanim/core';
import { expect, it } from 'vitest';
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

it('a run folder is not a checkpoint, and the command that takes it is named', async () => {
  const { code, stderr } = await faceanim(['inspect', run]);
  expect(stderr).toMatch(/out\.run is the folder of a run.*\n.* render \S+out\.run --out /);
  expect(code).toBe(3);
});

it('nor is another folder', async () => {
  expect((await faceanim(['inspect', folder])).stderr).toMatch(/ is a folder, not a file/);
});
