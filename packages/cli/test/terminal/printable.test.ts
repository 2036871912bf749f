import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeSafetensors, FaceanimError } from '@faceanim/tensor';
import { describe, expect, it } from 'vitest';
import { explain } from '../../src/terminal/exit';
import { faceanim, temporaryFolder } from '../support';

const folder = temporaryFolder();

/** Clears the screen, sets the title, moves up a line; C1's CSI; reverses text; breaks lines; has no width. */
const nasty = '\x1b[2J\x1b]0;owned\x07\x1b[1A\u009b31m\u202egnp.exe\u2066\r\n\u2028\u200b\ud800';
const forbidden = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028\u202e\u2066\ud800]/;

describe('names and texts from a hostile file', () => {
  const file = join(folder, 'hostile.safetensors');
  writeFileSync(
    file,
    encodeSafetensors([[`a${nasty}b`, { shape: [1], data: new Float32Array(1) }]], {
      [`key${nasty}`]: nasty,
      config: JSON.stringify({ name: nasty }),
    }),
  );

  it('are printed by inspect without control characters', async () => {
    const { code, stdout } = await faceanim(['inspect', file, '--tensors']);
    expect(code).toBe(0);
    expect(stdout).not.toMatch(forbidden);
    expect(stdout).toContain('a\\u{1b}[2J');
    expect(stdout.split('\n')).toHaveLength(10);
  });

  it('are the same in the JSON of inspect, escaped', async () => {
    const { stdout } = await faceanim(['inspect', file, '--tensors', '--json']);
    expect(stdout).not.toMatch(forbidden);
    const { networks, metadata } = JSON.parse(stdout);
    expect(Object.keys(networks[0].tensors)).toEqual([`a${nasty}b`]);
    expect(metadata[`key${nasty}`]).toBe(nasty);
  });

  it('are quoted by errors in the same way', async () => {
    const { code, stderr } = await faceanim(['import', file, '--out', join(folder, 'pack')]);
    expect(code).toBe(3);
    expect(stderr).not.toMatch(forbidden);
    const cases = [new FaceanimError('io', nasty, { hint: nasty }), new Error(nasty), nasty];
    for (const error of cases) expect(explain(error).text).not.toMatch(forbidden);
    expect(explain(cases[0]).text.split('\n')).toHaveLength(2);
  });
});

describe('the licence that inspect prints', () => {
  it('is that of the bundled pack for its files', async () => {
    for (const name of ['generator', 'fan', 'lpips-student', 'encoder']) {
      const path = fileURLToPath(
        new URL(`../../../models/assets/avatar/${name}.safetensors`, import.meta.url),
      );
      const { stdout } = await faceanim(['inspect', path]);
      expect(stdout).toMatch(
        name === 'lpips-student' ? /licence {2}CC0-1\.0 AND BSD-3-Clause\n/ : /licence {2}CC0-1\.0\n/,
      );
      expect(stdout).not.toContain('NVIDIA');
    }
  });

  it('is the one in the metadata', async () => {
    const file = join(folder, 'stated.safetensors');
    const tensor = { shape: [1], data: new Float32Array(1) };
    writeFileSync(file, encodeSafetensors([['synthesis.b4.conv1.weight', tensor]], { license: 'CC0-1.0' }));
    const { stdout } = await faceanim(['inspect', file]);
    expect(stdout).toContain('a StyleGAN2 generator');
    expect(stdout).toContain('licence  CC0-1.0');
    expect(stdout).not.toContain('NVIDIA');
  });

  it('points to NVIDIA’s if nothing is known', async () => {
    const file = join(folder, 'unknown.safetensors');
    const tensor = { shape: [1], data: new Float32Array(1) };
    writeFileSync(file, encodeSafetensors([['synthesis.b4.conv1.weight', tensor]]));
    expect((await faceanim(['inspect', file])).stdout).toContain('non-commercial');
  });
});
