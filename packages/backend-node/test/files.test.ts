import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { FaceanimError } from '@faceanim/core';
import { describe, expect, it } from 'vitest';
import { asReadError, asWriteError, writeAtomically, writeFileAtomic } from '../src/files';
import { temporaryFolder } from './support/media';

describe('atomic writes', () => {
  it('makes missing folders and leaves only the file', async () => {
    using folder = temporaryFolder();
    await writeFileAtomic(folder.join('a', 'b', 'c.json'), '{}');
    expect(readFileSync(folder.join('a', 'b', 'c.json'), 'utf8')).toBe('{}');
    expect(readdirSync(folder.join('a', 'b'))).toEqual(['c.json']);
  });

  it('keeps the old file and removes the new one when writing fails', async () => {
    using folder = temporaryFolder();
    const file = folder.join('a.txt');
    writeFileSync(file, 'old');
    const failure = writeAtomically(file, async (temporary) => {
      expect(temporary.endsWith('.txt')).toBe(true);
      writeFileSync(temporary, 'half');
      throw new Error('stop');
    });
    await expect(failure).rejects.toThrow('stop');
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(folder.path)).toEqual(['a.txt']);
  });

  it('does not overwrite unless it may', async () => {
    using folder = temporaryFolder();
    const file = folder.join('a.txt');
    await writeFileAtomic(file, 'one');
    await writeFileAtomic(file, 'two');
    await expect(writeFileAtomic(file, 'three', { overwrite: false })).rejects.toMatchObject({
      code: 'io',
      file,
    });
    expect(readFileSync(file, 'utf8')).toBe('two');
  });

  it('says what is in the way', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.join('file'), '');
    await expect(writeFileAtomic(folder.join('file', 'x', 'a'), '')).rejects.toMatchObject({ code: 'io' });
    mkdirSync(folder.join('dir'));
    await expect(writeFileAtomic(folder.join('dir'), '')).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('is a folder'),
    });
    expect(readdirSync(folder.path).sort()).toEqual(['dir', 'file']);
  });

  it('turns system errors into typed ones and lets others pass', () => {
    const system = (code: string) => Object.assign(new Error(code), { code, syscall: 'write', errno: -1 });
    for (const [code, words] of [
      ['ENOSPC', 'No space left'],
      ['EACCES', 'may not be written'],
      ['EROFS', 'may not be written'],
      ['EIO', 'could not be written: EIO'],
    ] as const) {
      const error = asWriteError(system(code), 'out.mp4');
      expect(error).toMatchObject({ code: 'io', file: 'out.mp4', hint: expect.any(String) });
      expect((error as Error).message).toContain(words);
    }
    expect(asReadError(system('ENOENT'), 'in.mp4')).toMatchObject({ code: 'io', file: 'in.mp4' });
    const typed = new FaceanimError('media', 'no');
    expect(asWriteError(typed, 'x')).toBe(typed);
    expect(asReadError(typed, 'x')).toBe(typed);
    const other = new TypeError('bug');
    expect(asWriteError(other, 'x')).toBe(other);
  });
});
