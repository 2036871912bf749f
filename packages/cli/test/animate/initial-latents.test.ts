import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFrame } from '@faceanim/core';
import { encodeSafetensors } from '@faceanim/tensor';
import { describe, expect, it } from 'vitest';
import { npy } from '../../../models/test/support/npy';
import { missingShared, sharedDir } from '../../../tensor/test/support/shared';
import { demoDriver, demoLook, faceanim, temporaryFolder } from '../support';

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
/** Latents of the bundled generator. */
const [numWs, wDim] = [14, 256];
const float32 = (values: number[], shape: number[]) =>
  npy(new Uint8Array(Float32Array.from(values).buffer), "'<f4'", shape);
const w = Array.from({ length: wDim }, (_, i) => Math.sin(i) / 2);
const plus = Array.from({ length: numWs }, () => w).flat();

/** The folder for the pictures of a file. */
const drawn = (name: string) => path(name.replace(/\..*/, '-drawn'));

writeFileSync(path('w.npy'), float32(plus, [1, numWs, wDim]));
writeFileSync(
  path('one.safetensors'),
  encodeSafetensors([['w', { shape: [1, wDim], data: Float32Array.from(w) }]]),
);
writeFileSync(path('two.npy'), float32([...plus, ...plus.map((v) => -v)], [2, numWs, wDim]));
writeFileSync(path('wrong.npy'), float32(plus.slice(0, 18 * 64), [1, 18, 64]));

describe('latents of other projectors', () => {
  it('are rendered, one or a sequence', async () => {
    const wasm = ['--backend', 'wasm', '--quiet'];
    for (const name of ['w.npy', 'one.safetensors', 'two.npy']) {
      const { code, stderr } = await faceanim(['render', path(name), '--out', drawn(name), ...wasm]);
      expect([name, code, stderr]).toEqual([name, 0, '']);
    }
    const pictures = (name: string) =>
      readdirSync(drawn(name))
        .filter((file) => file.endsWith('.png'))
        .sort();
    expect(pictures('w.npy')).toEqual(['000000.png']);
    expect(pictures('two.npy')).toEqual(['000000.png', '000001.png', '000002.png']);
    // One w for all layers gives the same face.
    const first = (name: string) => readFileSync(join(drawn(name), '000000.png'));
    expect(first('one.safetensors').equals(first('w.npy'))).toBe(true);
    expect(first('two.npy').equals(first('w.npy'))).toBe(true);
  });

  const npz = sharedDir() && join(sharedDir()!, 'media/troubles/projected_w.npz');
  it.skipIf(!npz || !existsSync(npz))(
    npz ? 'of another generator are refused with both shapes' : missingShared,
    async () => {
      const { code, stderr } = await faceanim([
        'render',
        npz!,
        '--out',
        path('npz-out'),
        '--backend',
        'wasm',
      ]);
      expect(code).toBe(3);
      expect(stderr).toMatch(/projected_w\.npz are \[14, 512\], the generator takes \[14, 256\]/);
      expect(existsSync(path('npz-out'))).toBe(false);
    },
  );
});

describe('--initial', () => {
  const short =
    '--limit 1 --steps-first 1 --preset thorough --space w --fan-modules 1 --backend wasm --quiet'.split(' ');
  const animate = (...args: string[]) =>
    faceanim(['animate', '--driver', demoDriver, '--look', demoLook, ...short, ...args]);

  it('is where frame 0 starts, and part of the identity of a run', async () => {
    const { code } = await animate('--initial', path('w.npy'), '--out', path('started'));
    expect(code).toBe(0);
    const { latent } = decodeFrame(readFileSync(path('started.run/frames/000000.safetensors')));
    // One step of Adam changes each number by at most the learning rate, 0.1.
    const moved = Math.max(...latent.data.map((v, i) => Math.abs(v - plus[i]!)));
    expect(moved).toBeLessThan(0.101);
    const other = await animate('--initial', path('two.npy'), '--out', path('started'), '--resume');
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('initial');
    const same = await animate('--initial', path('w.npy'), '--out', path('started'), '--resume');
    expect(same.code).toBe(0);
  });

  it.each([
    ['wrong.npy', /wrong\.npy are \[18, 64\], the generator takes \[14, 256\]/],
    ['absent.npz', /absent\.npz does not exist/],
  ])('%s is refused before anything is written', async (name, message) => {
    const { code, stderr } = await animate('--initial', path(name), '--out', path('refused'));
    expect(code).toBe(3);
    expect(stderr).toMatch(message);
    expect(readdirSync(folder).filter((file) => file.startsWith('refused'))).toEqual([]);
  });
});
