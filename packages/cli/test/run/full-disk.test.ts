import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeImage } from '@faceanim/media';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openRunFolder } from '../../src/run/folder';
import { readRun } from '../../src/run/record';
import { finishedOf, frame, record } from './runs';

describe('a disk that is full', () => {
  let disk: string;
  let run: string;
  let mounted: boolean;
  beforeAll(() => {
    disk = mkdtempSync(join(tmpdir(), 'faceanim-disk-'));
    run = join(disk, 'out.run');
    mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]).status === 0;
  });
  beforeEach(({ skip }) => skip(!mounted, 'mounting a small disk is not allowed here'));
  afterAll(() => {
    if (mounted) execFileSync('umount', [disk]);
    rmdirSync(disk);
  });
  const noSpace = { code: 'io', message: expect.stringContaining('No space left') };

  it('is a typed error, loses no finished frame, and the run goes on when there is room', async () => {
    const large = (index: number) => ({ ...frame(index), coordinates: new Float32Array(4000).fill(index) });
    let saved = 0;
    {
      await using open = await openRunFolder(run, record(), {});
      const all = async () => {
        for (; ; saved++) await open.save(large(saved));
      };
      await expect(all()).rejects.toMatchObject(noSpace);
      expect(saved).toBeGreaterThan(5);
      const png = join(disk, 'out.png');
      const picture = { width: 256, height: 256, data: randomBytes(256 * 256 * 3) };
      const write = open.write(png, (beforeRename) => writeImage(png, picture).then(() => beforeRename(png)));
      await expect(write).rejects.toMatchObject(noSpace);
    }
    // Neither half a file nor a lock.
    expect(readdirSync(disk)).toEqual(['out.run']);
    expect(readdirSync(run).sort()).toEqual(['frames', 'run.json']);
    expect(readdirSync(join(run, 'frames'))).toHaveLength(saved);
    execFileSync('mount', ['-o', 'remount,size=1m', disk]);
    await using open = await openRunFolder(run, record(), { resume: true });
    expect(await finishedOf(open)).toEqual(Array.from({ length: saved }, (_, i) => large(i)));
    await open.save(large(saved));
    expect((await readRun(run)).frames).toBe(saved + 1);
  });

  it('that has no room for a lock says so', async () => {
    rmSync(run, { recursive: true });
    mkdirSync(run);
    expect(() => writeFileSync(join(disk, 'large'), Buffer.alloc(2 ** 21))).toThrow('ENOSPC');
    await expect(openRunFolder(run, record(), {})).rejects.toMatchObject(noSpace);
    expect(readdirSync(run)).toEqual([]);
  });
});
