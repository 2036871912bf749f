import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadGenerator, loadLandmarkNet, loadLpips } from '@faceanim/models';
import { openCheckpoint } from '@faceanim/models/checkpoints';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { maxRelative } from '../../../tensor/test/support/compare';
import { listFixtures, missingShared } from '../../../tensor/test/support/shared';
import { faceanim as runCommand } from '../support';

import '../../../tensor/test/support/backends';

const generators = ['stylegan2', 'stylegan3'].flatMap((kind) =>
  listFixtures(kind, /(32|clamp|sg3)\w*\.pkl$/),
);
const describeFixtures = describe.skipIf(generators.length === 0);

/** Runs one command line; returns what it prints and its exit code. */
async function faceanim(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await runCommand(argv);
  return { code, out: stdout, err: stderr };
}

describeFixtures(generators.length ? 'faceanim inspect' : missingShared, () => {
  it('names format, network, config, licence and memory of every fixture', async () => {
    for (const path of generators) {
      const { code, out } = await faceanim('inspect', path);
      expect(code).toBe(0);
      expect(out).toContain('nvidia-pickle');
      expect(out).toMatch(/G_ema\.\* a StyleGAN[23] generator {2}<- the one to use/);
      expect(out).toMatch(/"img_resolution":32/);
      expect(out).toContain('non-commercial');
      expect(out).toMatch(/memory {3}[\d.]+ MB of weights/);
    }
  });

  it('lists tensors on request, and prints JSON', async () => {
    const [path] = generators;
    expect((await faceanim('inspect', path!, '--tensors')).out).toMatch(
      /mapping\.fc0\.weight F32 \[\d+, \d+\]/,
    );
    const summary = JSON.parse((await faceanim('inspect', path!, '--json')).out);
    expect(summary.networks.map(({ prefix }: { prefix: string }) => prefix)).toContain('G_ema.');
    expect(summary.networks[0].parameters).toBeGreaterThan(1000);
  });

  it('says what is wrong with a file, with the exit code of bad input', async () => {
    for (const path of listFixtures('hostile', /html-renamed|os-system\.pkl/)) {
      const { code, err } = await faceanim('inspect', path);
      expect(code).toBe(3);
      expect(err).toContain(basename(path));
    }
  });
});

describeFixtures('faceanim import', () => {
  let folder: string;
  beforeAll(async () => {
    await tf.setBackend('wasm');
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'faceanim-import-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const path of generators) {
    it(`${basename(path)}: the pack gives the same images, nearly the same with --half`, async () => {
      const { code, out } = await faceanim('import', path, '--out', join(folder, 'full'));
      expect(code).toBe(0);
      expect(out).toContain('non-commercial');
      expect((await faceanim('import', path, '--out', join(folder, 'half'), '--half')).code).toBe(0);
      const [original, full, half] = await Promise.all(
        [path, ...['full', 'half'].map((name) => join(folder, name, 'generator.safetensors'))].map(image),
      );
      expect(await maxRelative(full!, original!)).toBe(0);
      expect(await maxRelative(half!, original!)).toBeLessThan(1e-2);
      checkPack(join(folder, 'full'));
      await using checkpoint = await openCheckpoint(join(folder, 'half', 'generator.safetensors'));
      expect(checkpoint.tensors.get('mapping.fc0.weight')!.dtype).toBe('F16');
    });
  }

  it('landmark and perceptual networks', async () => {
    const [fan] = listFixtures('fan', /\.pth\.tar$/);
    const [vgg] = listFixtures('projection', /^vgg16.*\.pt$/);
    if (!fan || !vgg) return;
    expect((await faceanim('import', fan, '--out', folder)).code).toBe(0);
    // Each has its own model card and licence, and the second does not replace the first.
    const { code, err } = await faceanim('import', vgg, '--out', folder);
    expect(err).toMatch(
      /manifest\.json exists already[\s\S]*--overwrite|MODEL_CARD\.md exists already[\s\S]*--overwrite/,
    );
    expect(code).toBe(3);
    expect(readdirSync(folder).sort()).toEqual(['MODEL_CARD.md', 'fan.safetensors', 'manifest.json']);
    expect((await faceanim('import', vgg, '--out', join(folder, 'lpips'))).code).toBe(0);
    using net = await loadLandmarkNet(join(folder, 'fan.safetensors'));
    expect(net.specificationVersion).toBe('v1');
    using lpips = await loadLpips({ net: 'vgg', trunk: join(folder, 'lpips', 'lpips-trunk.safetensors') });
    expect(lpips.specificationVersion).toBe('v1');
  });

  it('with the licence of the pack that the file is from', async () => {
    const asset = '../../../models/assets/avatar/fan.safetensors';
    const bundled = fileURLToPath(new URL(asset, import.meta.url));
    expect((await faceanim('import', bundled, '--out', folder)).out).toContain('licence: CC0-1.0\n');
    expect(readFileSync(join(folder, 'MODEL_CARD.md'), 'utf8')).toContain('| Licence | CC0-1.0 |');
  });

  it('refuses a file without a known network', async () => {
    const [path] = listFixtures('formats', /^whole-module\.pth$/);
    if (!path) return;
    const { code, err } = await faceanim('import', path, '--out', folder);
    expect(code).toBe(3);
    expect(err).toContain('no network that is known');
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** The image of the mean latent. */
async function image(path: string): Promise<Float32Array> {
  using generator = await loadGenerator(path);
  const { wAvg, numWs, wDim } = generator;
  const image = tf.tidy(() =>
    generator.synthesis(tf.tile(tf.tensor3d([...wAvg!], [1, 1, wDim]), [1, numWs, 1])),
  );
  const values = (await image.data()) as Float32Array;
  image.dispose();
  return values;
}

/** Checks that every file is listed with its hash, and that the model card names the licence. */
function checkPack(folder: string): void {
  const { files, licence } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const bytes = readFileSync(join(folder, 'generator.safetensors'));
  expect(files['generator.safetensors']).toEqual({
    bytes: bytes.byteLength,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
  expect(licence).toContain('non-commercial');
  expect(readFileSync(join(folder, 'MODEL_CARD.md'), 'utf8')).toContain(`| Licence | ${licence} |`);
  expect(readdirSync(folder).sort()).toEqual(['MODEL_CARD.md', 'generator.safetensors', 'manifest.json']);
}
