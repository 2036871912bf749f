import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadEncoder } from '@faceanim/models';
import { beforeAll, describe, expect, it } from 'vitest';
import { demoDriver, demoLook, faceanim, temporaryFolder } from '../support';

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const assets = new URL('../../../models/assets/avatar/', import.meta.url);
const network = ['--fan-modules', '1', '--backend', 'wasm'];
const own = path('own.safetensors');

beforeAll(async () => {
  const { code, stdout, stderr } = await faceanim([
    'fit-encoder',
    '--samples',
    '8',
    '--out',
    own,
    ...network,
  ]);
  expect(stderr).toMatch(
    /^loading\nBackend: .*\n(loading, .*\n)*warning: .* 8 samples: it will guess badly.*\nfitting the encoder\n/,
  );
  expect(stdout).toBe(`${own}\n`);
  expect(code).toBe(0);
});

describe('fit-encoder', () => {
  it('writes an encoder for the bundled generator', async () => {
    expect(await loadEncoder(own)).toMatchObject({ wDim: 256, side: 8 });
  });

  it('draws other faces with another seed, and only warns with --quiet', async () => {
    const flags = ['--samples', '8', '--seed', '1', '--quiet'];
    const result = await faceanim(['fit-encoder', '--out', path('other'), ...flags, ...network]);
    expect(result).toMatchObject({ code: 0, stderr: expect.stringMatching(/^warning: .*guess badly.*\n$/) });
    expect(readFileSync(path('other')).equals(readFileSync(own))).toBe(false);
  });

  it.each([
    ['no output', [], /--out/],
    ['no samples', ['--out', path('none'), '--samples', '0'], /--samples/],
    ['half a seed', ['--out', path('none'), '--seed', '0.5'], /--seed/],
    [
      'more modules of the FAN than there are',
      ['--out', path('none'), '--fan-modules', '9', '--backend', 'wasm'],
      /error: --fan-modules must be a whole number from 1 to/,
    ],
  ])('refuses %s', async (_, flags, message) => {
    const { code, stderr } = await faceanim(['fit-encoder', ...flags]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('animate', () => {
  const base = ['animate', '--driver', demoDriver, '--look', demoLook, '--limit', '1', ...network];
  const few = [...base, '--steps-look', '0', '--steps-first', '1', '--steps-next', '1', '--out', path('run')];
  const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16);
  const contents = () => JSON.parse(readFileSync(path('run.run/run.json'), 'utf8')).contents;
  const latents = () => readFileSync(path('run.run/latents.safetensors'));

  it('starts where the bundled encoder or --encoder says, and resumes with the same only', {
    tags: ['long'],
  }, async () => {
    expect((await faceanim(few)).code).toBe(0);
    expect(contents().encoder).toBe(sha256(fileURLToPath(new URL('encoder.safetensors', assets))));
    const bundled = latents();
    expect((await faceanim([...few, '--encoder', own, '--fresh'])).code).toBe(0);
    expect(contents().encoder).toBe(sha256(own));
    expect(latents().equals(bundled)).toBe(false);
    const { code, stderr } = await faceanim([...few, '--resume']);
    expect(stderr).toMatch(/run\.run holds another run: --encoder has different content/);
    expect(code).toBe(2);
  });

  it.each([
    ['a missing encoder', path('nowhere'), /nowhere/],
    [
      'another network as encoder',
      fileURLToPath(new URL('fan.safetensors', assets)),
      /read as an encoder.*looks like FAN/,
    ],
  ])('refuses %s', async (_, file, message) => {
    const { code, stderr } = await faceanim([...few, '--encoder', file, '--fresh']);
    expect(stderr).toMatch(message);
    expect(code).toBe(3);
  });
});
