import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { link, open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FaceanimError } from '@faceanim/tensor';
import { buildSync } from 'esbuild';
import { describe, expect, it, vi } from 'vitest';
import { asReadError, asWriteError, makeFolder, writeAtomically, writeFileAtomic } from '../src/files';
import { forgetTemporary, removeLeftovers, temporaryName } from '../src/files/temporary-files';
import { temporaryFolder } from './support/media';

vi.mock('node:fs/promises', { spy: true });

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

  it('of one new file at the same time give it to one of them', async () => {
    using folder = temporaryFolder();
    const texts = ['one', 'two', 'three'];
    const file = folder.join('a.txt');
    const written = await Promise.allSettled(
      texts.map((text) => writeFileAtomic(file, text, { overwrite: false })),
    );
    const [winner, ...others] = texts.filter((_, i) => written[i]!.status === 'fulfilled');
    expect(others).toEqual([]);
    expect(readFileSync(file, 'utf8')).toBe(winner);
    expect(readdirSync(folder.path)).toEqual(['a.txt']);
  });

  it('do without links where the disk has none', async () => {
    using folder = temporaryFolder();
    const none = Object.assign(new Error('no links'), { code: 'EPERM', syscall: 'link' });
    vi.mocked(link).mockRejectedValueOnce(none).mockRejectedValueOnce(none);
    const file = folder.join('a.txt');
    await writeFileAtomic(file, 'new', { overwrite: false });
    expect(readFileSync(file, 'utf8')).toBe('new');
    const taken = { overwrite: false, beforeRename: async () => writeFileSync(file, 'theirs') };
    rmSync(file);
    await expect(writeFileAtomic(file, 'ours', taken)).rejects.toMatchObject({ code: 'io' });
    expect(readFileSync(file, 'utf8')).toBe('theirs');
    expect(readdirSync(folder.path)).toEqual(['a.txt']);
  });

  it('are on the disk before they have their name, and again the folder after it', async () => {
    using folder = temporaryFolder();
    const order: string[] = [];
    const probe = await open(folder.join('probe'), 'w');
    const handles = Object.getPrototypeOf(probe);
    await probe.close();
    const { sync } = handles;
    const spy = vi.spyOn(handles, 'sync').mockImplementation(async function (this: unknown) {
      order.push(readdirSync(folder.path).includes('a.txt') ? 'after the name' : 'before the name');
      return sync.call(this);
    });
    await writeFileAtomic(folder.join('a.txt'), 'x');
    spy.mockRestore();
    expect(order).toEqual(['before the name', 'after the name']);
  });

  it.skipIf(process.platform === 'win32')('never put half a file in place of a whole one', async () => {
    using folder = temporaryFolder();
    const file = folder.join('a.bin');
    // A limit on file sizes acts like a full disk: the system takes part of the data and reports it.
    const script = folder.join('script.cjs');
    buildSync({
      stdin: {
        contents: `
          import { writeFileAtomic } from './files/atomic-write';
          process.on('SIGXFSZ', () => {});
          writeFileAtomic(process.argv[2], new Uint8Array(200_000)).then(
            () => console.log('written'),
            ({ code }) => console.log('error', code),
          );`,
        resolveDir: fileURLToPath(new URL('../src', import.meta.url)),
      },
      bundle: true,
      platform: 'node',
      logLevel: 'error',
      outfile: script,
    });
    writeFileSync(file, 'old');
    const { stdout } = spawnSync(
      'bash',
      ['-c', 'ulimit -f 64; exec "$0" "$@"', process.execPath, script, file],
      { encoding: 'utf8' },
    );
    rmSync(script);
    expect(stdout).toBe('error io\n');
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(folder.path)).toEqual(['a.bin']);
  });

  it('follow a link instead of replacing it', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.join('real.txt'), 'old');
    symlinkSync(folder.join('real.txt'), folder.join('link.txt'));
    await writeFileAtomic(folder.join('link.txt'), 'new');
    expect(lstatSync(folder.join('link.txt')).isSymbolicLink()).toBe(true);
    expect(readFileSync(folder.join('real.txt'), 'utf8')).toBe('new');
  });

  it.skipIf(process.platform === 'win32')(
    'pour into a pipe or device, and leave it where it is',
    async () => {
      using folder = temporaryFolder();
      const pipe = folder.join('pipe.json');
      execFileSync('mkfifo', [pipe]);
      const [read] = await Promise.all([readFile(pipe, 'utf8'), writeFileAtomic(pipe, 'through')]);
      expect(read).toBe('through');
      expect(lstatSync(pipe).isFIFO()).toBe(true);
      await writeFileAtomic('/dev/null', 'gone', { overwrite: false });
      expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
      expect(readdirSync(folder.path)).toEqual(['pipe.json']);
    },
  );

  it.skipIf(process.platform !== 'linux')('say when a device takes nothing more', async () => {
    await expect(writeFileAtomic('/dev/full', 'x')).rejects.toMatchObject({ code: 'io', file: '/dev/full' });
  });

  it.skipIf(process.platform !== 'linux')('end where no folder can be made', async () => {
    for (const path of ['/proc/none/a.txt', '/proc/none/of/it/a.txt']) {
      await expect(writeFileAtomic(path, 'x')).rejects.toMatchObject({ code: 'io', file: path });
    }
    await expect(makeFolder('/proc/none')).rejects.toMatchObject({ code: 'io', file: '/proc/none' });
  });

  it('make the folders that are missing, also at once', async () => {
    using folder = temporaryFolder();
    const names = ['a/b/1.txt', 'a/b/2.txt', 'a/c/3.txt'];
    await Promise.all(names.map((name) => writeFileAtomic(folder.join(name), name)));
    for (const name of names) expect(readFileSync(folder.join(name), 'utf8')).toBe(name);
    await expect(writeFileAtomic(folder.join('a/b/1.txt/x'), '')).rejects.toMatchObject({ code: 'io' });
  });

  it('leave what another has made in the meantime', async () => {
    using folder = temporaryFolder();
    const file = folder.join('a.txt');
    const write = writeAtomically(
      file,
      async (temporary) => {
        writeFileSync(temporary, 'ours');
        writeFileSync(file, 'theirs');
      },
      { overwrite: false },
    );
    await expect(write).rejects.toMatchObject({ code: 'io', file });
    expect(readFileSync(file, 'utf8')).toBe('theirs');
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

  it('leave nothing of processes that were killed, and touch nothing else', async () => {
    using folder = temporaryFolder();
    const own = temporaryName(folder.join('a.mp4'));
    // No process has this number.
    const killed = basename(own).replace(`-${process.pid}-`, `-${2 ** 22 + 1}-`);
    const ofAnotherMachine = basename(own).replace(/\.[\da-f]{6}-/, '.zzzzzz-');
    const names = [basename(own), killed, ofAnotherMachine, '.a.tmp.mp4', 'a.tmp', killed.slice(1)];
    for (const name of names) writeFileSync(folder.join(name), 'x');
    await removeLeftovers(folder.path, 'b.mp4');
    expect(readdirSync(folder.path)).toHaveLength(names.length);
    await removeLeftovers(folder.path, 'a.mp4');
    expect(readdirSync(folder.path).sort()).toEqual(names.filter((name) => name !== killed).sort());
    // In containers process numbers come back: a file with ours that is not in use was left by another process.
    forgetTemporary(own);
    await removeLeftovers(folder.path);
    expect(readdirSync(folder.path)).not.toContain(basename(own));
    await removeLeftovers(folder.join('nowhere'));
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
