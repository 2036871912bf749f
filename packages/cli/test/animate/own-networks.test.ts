import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { drawnFacesWarning } from '../../src/networks/drawn-faces-warning';
import { demoDriver, demoLook, faceanim, temporaryFolder } from '../support';

const own = { generator: 'ffhq.pkl', look: 'look.png' };

it('warns that the bundled networks beside your own generator only know drawn faces, and says what to pass', () => {
  const text = drawnFacesWarning(own);
  expect(text).toMatch(/^warning: ffhq\.pkl is used with networks .* drawn faces/);
  expect(text).toMatch(/landmark network \(pass --fan FILE/);
  expect(text).toMatch(/LPIPS.*\(pass --lpips FILE/);
  expect(text).toMatch(/fit-encoder --generator ffhq\.pkl --fan FILE --out encoder\.safetensors/);
});

it('names only what is missing', () => {
  expect(drawnFacesWarning({ look: 'look.png' })).toBeUndefined();
  expect(drawnFacesWarning({ ...own, fan: 'fan.pth', lpips: 'vgg16.pt' })).toBeUndefined();
  expect(drawnFacesWarning({ ...own, fan: 'fan.pth' })).not.toMatch(/--fan FILE, e/);
  expect(drawnFacesWarning({ ...own, look: undefined })).not.toMatch(/LPIPS|encoder/);
  expect(drawnFacesWarning({ ...own, encoder: 'e' })).not.toMatch(/fit-encoder/);
});

const folder = temporaryFolder();
const noCheckpoint = join(folder, 'weights.pkl');
writeFileSync(noCheckpoint, 'this is not a checkpoint');
const generator = fileURLToPath(
  new URL('../../../models/assets/avatar/generator.safetensors', import.meta.url),
);

describe.each([
  ['animate', ['animate', '--driver', demoDriver, '--look', demoLook, '--out', join(folder, 'a.webp')]],
  ['fit-encoder', ['fit-encoder', '--out', join(folder, 'encoder.safetensors')]],
])('%s', (_, args) => {
  const quiet = ['--quiet', '--backend', 'wasm'];

  it('warns once, even with --quiet', async () => {
    const controller = new AbortController();
    const { code, stderr } = await faceanim([...args, '--generator', generator, ...quiet], {
      signal: controller.signal,
      onStderr: () => controller.abort(),
    });
    expect(stderr.match(/warning: /g)).toHaveLength(1);
    expect(code).toBe(130);
  });

  it('does not warn about a generator that it cannot read', async () => {
    const { code, stderr } = await faceanim([...args, '--generator', noCheckpoint, ...quiet]);
    expect(stderr).toMatch(/^error: .*weights\.pkl/);
    expect(code).toBe(3);
  });
});
