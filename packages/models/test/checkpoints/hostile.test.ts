import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixturePath, listFixtures } from '../../../tensor/test/support/shared';
import { openCheckpoint } from '../../src/checkpoints';
import { describeFixtures, itNeeds, readWhole, refusal } from './support';

const files = listFixtures('hostile', /^(?!expect\.json$)/);

/** Files that are harmless, or may be read as data. */
const readable = ['control-ok.pth', 'nan-weights.pth', 'int-weights.pth', 'st-proto.safetensors'];

/** What the message or the hint must mention. */
const mentions: Record<string, RegExp> = {
  'os-system.pkl': /posix\.system/,
  'os-system.pth': /posix\.system/,
  'eval-builtin.pkl': /builtin\w*\.eval/,
  'no-networks.pkl': /no G_ema/,
  'truncated.pth': /truncated/,
  'truncated-legacy.pth': /truncated/,
  'huge-claim-legacy.pth': /truncated/,
  'zip-deflate-bomb.pth': /compressed/,
  'storage-missing.pth': /has no/,
  'wrong-dtype.pth': /QUInt8Storage/,
  'unknown-storage.pth': /Storage/,
  'deep-recursion.pkl': /pickle/,
  'opcode-unknown.pkl': /0xff/,
  'memo-missing.pkl': /never stored/,
  'empty.pkl': /empty/,
  'empty.safetensors': /empty/,
  'png-renamed.pkl': /PNG/,
  'html-renamed.pth': /HTML/,
  'lfs-pointer.pkl': /Git LFS.*git lfs pull/,
};

describeFixtures('hostile files', files, () => {
  const refused = files.filter((path) => !readable.includes(basename(path)));

  it.each(refused.map((path) => [basename(path), path]))('%s is refused', async (name, path) => {
    const memory = process.memoryUsage().arrayBuffers;
    for (const source of [path, new Blob([readFileSync(path)])]) {
      const error = await refusal(readWhole(source));
      expect(['checkpoint-corrupt', 'weights-mismatch']).toContain(error.code);
      expect(error.file).toBe(typeof source === 'string' ? path : 'Blob');
      expect(error.hint).toBeTruthy();
      if (mentions[name]) expect(`${error.message} ${error.hint}`).toMatch(mentions[name]);
    }
    expect(process.memoryUsage().arrayBuffers - memory).toBeLessThan(16 * 2 ** 20);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  const open = (name: string) => openCheckpoint(fixturePath(`hostile/${name}`));

  itNeeds('control-ok.pth is read', ['hostile/control-ok.pth'], async () => {
    await using checkpoint = await open('control-ok.pth');
    const w = (await checkpoint.read()).get('w');
    expect(w).toEqual({ shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) });
  });

  itNeeds('nan-weights.pth is read as it is', ['hostile/nan-weights.pth'], async () => {
    await using checkpoint = await open('nan-weights.pth');
    expect([...(await checkpoint.read()).values()].some(({ data }) => data.some(Number.isNaN))).toBe(true);
  });

  itNeeds(
    'int-weights.pth: read() expects floats, readTensor() returns integers',
    ['hostile/int-weights.pth'],
    async () => {
      await using checkpoint = await open('int-weights.pth');
      expect(await refusal(checkpoint.read())).toMatchObject({
        code: 'weights-mismatch',
        message: expect.stringMatching(/expected floats/),
      });
      const [name] = checkpoint.tensors.keys();
      expect((await checkpoint.readTensor(name!)).dtype).toMatch(/^[IU]/);
    },
  );

  itNeeds('st-proto.safetensors: __proto__ is a name', ['hostile/st-proto.safetensors'], async () => {
    await using checkpoint = await open('st-proto.safetensors');
    expect([...checkpoint.tensors.keys()]).toContain('__proto__');
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('files that are no checkpoint', () => {
  const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
  it.each([
    ['\x1f\x8b\x08', /gunzip/],
    ['\xff\xd8\xff\xe0', /JPEG/],
    ['{"a": 1}', /JSON/],
    ['\x89HDF\r\n', /HDF5/],
    [`${'\0'.repeat(257)}ustar`, /tar/],
    ['\x00\x00\x00\x20ftypisom', /video/],
    ['hello, world', /no checkpoint/],
  ])('%j', async (text, message) => {
    const error = await refusal(openCheckpoint(bytes(text)));
    expect(`${error.message} ${error.hint}`).toMatch(message);
  });

  it('refuses a missing file, a folder and a source of another type', async () => {
    const path = join(tmpdir(), 'faceanim-no-such-file.pkl');
    expect(await refusal(openCheckpoint(path))).toMatchObject({ code: 'io', file: path });
    expect(await refusal(openCheckpoint(tmpdir()))).toMatchObject({ code: 'io', file: tmpdir() });
    expect(await refusal(openCheckpoint(7 as never))).toMatchObject({ code: 'invalid-option' });
  });
});
