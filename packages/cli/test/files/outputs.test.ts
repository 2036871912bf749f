import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { writeImage } from '@faceanim/media';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planAnimation } from '../../src/animate/plan';
import { checkInputs } from '../../src/files/inputs';
import { checkOutputs } from '../../src/files/outputs';
import { relation } from '../../src/files/paths';
import { refuseStdout } from '../../src/files/stdout';
import { explain } from '../../src/terminal/exit';
import { demoDriver, demoLook, faceanim } from '../support';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faceanim-outputs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const picture = { width: 8, height: 8, data: new Uint8Array(192) };

/** Names and contents of everything below a folder. */
function contents(path = folder): Record<string, string> {
  return Object.fromEntries(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [relative(path, file), readFileSync(file, 'latin1')]),
  );
}

describe('relation', () => {
  it('sees through spelling, links and hard links', async () => {
    mkdirSync(at('a'));
    writeFileSync(at('a/x'), '');
    symlinkSync(at('a'), at('link'));
    linkSync(at('a/x'), at('hard'));
    symlinkSync(at('a/x'), at('soft'));
    for (const same of [
      at('a/../a/./x'),
      relative(process.cwd(), at('a/x')),
      at('link/x'),
      at('hard'),
      at('soft'),
    ])
      expect(await relation(same, at('a/x')), same).toBe('same');
    expect(await relation(at('link/new'), at('a/new'))).toBe('same');
    expect(await relation(at('link/new/deep'), at('a'))).toBe('inside');
    expect(await relation(at('link'), at('a/x'))).toBe('around');
    expect(await relation(at('a/x'), at('a/y'))).toBeUndefined();
    expect(await relation(at('ab'), at('a'))).toBeUndefined();
  });
});

describe('checkOutputs', () => {
  const check = (path: string, options: object = {}, inputs: string[] = []) =>
    checkOutputs(
      [{ name: '--out', path, kind: 'file', ...options }],
      inputs.map((input) => ({ name: '--driver', path: input })),
    );

  it('refuses an input, and what lies inside or around one, even if it may overwrite', async () => {
    mkdirSync(at('frames'));
    writeFileSync(at('frames/0.png'), '');
    for (const [path, kind, input, message] of [
      [at('frames/0.png'), 'file', at('frames/0.png'), /--out .* is --driver/],
      [at('frames/new.webp'), 'file', at('frames'), /--out .* lies in --driver/],
      [at('frames'), 'folder', at('frames/0.png'), /--out .* contains --driver/],
      [at('frames'), 'folder', at('frames'), /--out .* is --driver/],
    ] as const) {
      for (const replace of [false, true]) {
        await expect(check(path, { kind, replace }, [input])).rejects.toMatchObject({
          code: 'invalid-option',
          message: expect.stringMatching(message),
        });
      }
    }
  });

  it('refuses an existing file unless it may be replaced, and two outputs with one path', async () => {
    writeFileSync(at('a.mp4'), 'theirs');
    const refused: unknown = await check(at('a.mp4')).catch((error) => error);
    expect(refused).toMatchObject({ code: 'io', file: at('a.mp4') });
    expect(explain(refused).text).toContain('--overwrite');
    await check(at('a.mp4'), { replace: true });
    await check(at('new/b.mp4'));
    const twice = checkOutputs(
      [
        { name: 'the contact sheet', path: at('b.png'), kind: 'file' },
        { name: '--report', path: at('./b.png'), kind: 'file' },
      ],
      [],
    );
    await expect(twice).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining('--report'),
    });
  });

  it('refuses what cannot be written', async () => {
    writeFileSync(at('file'), '');
    mkdirSync(at('taken.mp4'));
    await expect(check(at('file/new.mp4'))).rejects.toMatchObject({ code: 'io' });
    await expect(check(at('taken.mp4'), { replace: true })).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('is a folder'),
    });
    await expect(check(at('file'), { kind: 'folder' })).rejects.toMatchObject({ code: 'io' });
    expect(contents()).toEqual({ file: '' });
  });

  it.skipIf(process.platform !== 'linux')(
    'refuses /proc and /sys, where root may write and cannot',
    async () => {
      for (const path of ['/proc/a.mp4', '/proc/new/a.mp4', '/sys/a.mp4']) {
        for (const kind of ['file', 'folder']) {
          const refused = check(path, { kind });
          await expect(refused).rejects.toMatchObject({ code: 'io', message: expect.stringContaining(path) });
        }
      }
    },
  );

  it.skipIf(process.platform === 'win32')('lets devices and pipes be', async () => {
    execFileSync('mkfifo', [at('pipe.json')]);
    for (const path of [at('pipe.json'), '/dev/null', '-']) await check(path);
  });
});

it.skipIf(process.platform === 'win32')(
  'inputs are files or folders: pipes and devices may never end',
  async () => {
    execFileSync('mkfifo', [at('pipe')]);
    for (const path of [at('pipe'), '/dev/zero']) {
      await expect(checkInputs([{ name: '--look', path }])).rejects.toMatchObject({
        code: 'io',
        message: `--look ${path} is a device or a pipe.`,
      });
    }
    for (const args of [
      ['inspect', at('pipe')],
      ['render', at('pipe'), '--out', at('out.webp')],
    ])
      expect((await faceanim(args)).code, args[0]).toBe(3);
  },
);

it('standard output has several names, none of which takes pictures', () => {
  for (const name of ['-', '/dev/stdout', '/dev/fd/1'])
    expect(() => refuseStdout(name), name).toThrow('--out');
  for (const name of ['a-', './-', '/dev/null']) expect(() => refuseStdout(name), name).not.toThrow();
});

describe('animate, before anything is opened', () => {
  beforeEach(async () => {
    for (const name of ['clip/frames/0.png', 'clip/frames/1.png', 'look.png'])
      await writeImage(at(name), picture);
    copyFileSync(demoDriver, at('c.webp'));
    linkSync(at('c.webp'), at('hard.webp'));
  });

  it.each([
    ['frames over the driver', 'clip/frames', 'clip/frames', /--out .* is --driver/],
    ['a file among them', 'clip/frames', 'clip/frames/out.webp', /lies in --driver/],
    ['the driver itself', 'c.webp', 'c.webp', /--out .* is --driver/],
    ['the driver by another name', 'c.webp', 'hard.webp', /--out .* is --driver/],
    ['frames around the look', 'c.webp', '.', /contains/],
    ['an unknown kind', 'c.webp', 'out.avi', /out\.avi is in no format .*\n.*\.mp4/],
  ])('refuses %s as output', async (_, driver, out, message) => {
    const before = contents();
    const base = ['animate', '--driver', at(driver), '--look', at('look.png'), '--out', at(out)];
    for (const flags of [[], ['--overwrite'], ['--fresh', '--overwrite']]) {
      const { code, stderr } = await faceanim([...base, ...flags]);
      expect(stderr).toMatch(message);
      expect(code).toBe(2);
    }
    expect(contents()).toEqual(before);
  });

  it('refuses a run folder that holds the driver, and deletes nothing there', async () => {
    const before = contents();
    for (const flags of [[], ['--fresh'], ['--resume']]) {
      const paths = ['--driver', at('clip/frames'), '--run', at('clip'), '--out', at('out.webp')];
      const { code, stderr } = await faceanim(['animate', ...paths, ...flags]);
      expect(stderr).toMatch(/clip is not a run folder/);
      expect(code).toBe(3);
    }
    expect(contents()).toEqual(before);
  });

  it.each([
    ['--resume with --fresh', ['--resume', '--fresh'], /--resume and --fresh/],
    ['no rate', ['--fps', '0'], /--fps must be/],
    ['too high a rate', ['--subframes', '100'], /--subframes must be .*1250/],
    ['an unknown landmark group', ['--weights', 'foo=1'], /foo/],
    [
      'a report over what the run keeps',
      ['--run', 'r', '--report', 'r/run.json'],
      /is a file of the run folder/,
    ],
    [
      'a report that is no page',
      ['--report', 'r.pdf'],
      /--report must be a name that ends in \.html or \.json/,
    ],
    ['an animation on standard output', ['--out', '-'], /--out/],
  ])('refuses %s', async (_, flags, message) => {
    const before = contents();
    const base = ['animate', '--driver', at('c.webp'), '--out', at('out.webp')];
    const { code, stderr } = await faceanim([...base, ...flags]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(contents()).toEqual(before);
  });

  it('puts the numbers of a report beside its page, or writes them alone', async () => {
    const plan = (flags: object) => planAnimation({ driver: at('c.webp'), out: at('o.webp'), ...flags });
    const [page, numbers] = [at('r.html'), at('r.json')];
    expect(await plan({ report: page })).toMatchObject({ page, numbers });
    expect(await plan({ report: numbers })).toMatchObject({ page: undefined, numbers });
    expect(await plan({})).toMatchObject({ page: undefined, numbers: undefined });
  });

  it('puts the other outputs beside a folder of frames, not inside', async () => {
    const names = async (out: string) => {
      const { run, sheet, curve, isFolder } = await planAnimation({ driver: at('c.webp'), out });
      return [...[run, sheet, curve].map((path) => relative(folder, path)), isFolder];
    };
    const beside = ['dir.run', 'dir.sheet.png', 'dir.losses.png', true];
    for (const out of ['dir', 'dir/', 'dir//']) expect(await names(at(out)), out).toEqual(beside);
    expect(await names(at('take.2/'))).toEqual(['take.2.run', 'take.2.sheet.png', 'take.2.losses.png', true]);
    mkdirSync(at('in'));
    const dot = `in/../${basename(at('in'))}/.`;
    expect(await names(`${folder}/${dot}`)).toEqual(['in.run', 'in.sheet.png', 'in.losses.png', true]);
  });
});

describe('the other commands', () => {
  it('do not replace a file unasked', async () => {
    writeFileSync(at('a.png'), 'theirs');
    for (const command of [
      ['look', '--out', at('a.png')],
      ['fit-encoder', '--out', at('a.png')],
    ]) {
      const { code, stderr } = await faceanim(command);
      expect(stderr).toMatch(/a\.png exists already[\s\S]*--overwrite/);
      expect(code).toBe(3);
    }
    expect(contents()).toEqual({ 'a.png': 'theirs' });
  });

  it('do not write to what they read', async () => {
    copyFileSync(demoLook, at('net.pkl'));
    const before = contents();
    const { stderr } = await faceanim([
      ...['fit-encoder', '--generator', at('net.pkl'), '--out', at('net.pkl'), '--overwrite'],
    ]);
    expect(stderr).toMatch(/--out .*net\.pkl is --generator/);
    expect(contents()).toEqual(before);
  });

  it.skipIf(process.platform === 'win32')('and devices stay devices', async () => {
    expect((await faceanim(['look', '--out', '/dev/null'])).code).toBe(2);
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});
