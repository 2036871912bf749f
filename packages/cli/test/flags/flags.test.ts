import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { backendNames } from '@faceanim/backend-node';
import { defaultLimits } from '@faceanim/jobs';
import { FaceanimError, type FaceanimErrorCode } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { backendChoices } from '../../src/flags/shared';
import { createProgram } from '../../src/program';
import { explain } from '../../src/terminal/exit';
import { demoDriver, demoLook, faceanim } from '../support';

// Errors about flags come before anything expensive.
afterAll(() => expect(tf.engine().backendName).toBeUndefined());

/** Commands that open a backend. */
const computing = ['animate', 'targets', 'render', 'look', 'demo', 'fit-encoder', 'doctor'];

describe('help', () => {
  it('marks required flags and lists the choices of the others', async () => {
    const { stdout } = await faceanim(['animate', '--help']);
    expect(stdout).toMatch(/--driver <path> +required: /);
    expect(stdout).toMatch(/--out <path> +required: /);
    expect(stdout).not.toMatch(/--look <image> +required/);
    for (const command of computing) {
      const help = (await faceanim([command, '--help'])).stdout.replace(/\s+/g, ' ');
      expect(help).toContain('(choices: "cuda", "webgpu", "cpu", "wasm", "js")');
      expect(help).toContain('--allow-software');
    }
  });

  it('groups the flags of each command by itself', async () => {
    for (const command of ['look', 'demo', 'render']) {
      const { stdout } = await faceanim([command, '--help']);
      expect(stdout.match(/^\w.*:$/gm)?.filter((line) => line !== 'Arguments:')).toEqual(['Options:']);
    }
  });

  it('of a worker tells its limits', async () => {
    const { stdout } = await faceanim(['worker', '--help']);
    const { pixels, seconds, bytes, checkpoints } = defaultLimits;
    expect(stdout).toContain(`(${Math.sqrt(pixels)} × ${Math.sqrt(pixels)})`);
    expect(stdout).toContain(`(${seconds})`);
    expect(stdout).toContain(`(${bytes / 2 ** 30} GiB)`);
    expect(stdout.replace(/\s+/g, ' ')).toContain(`(${checkpoints}) (choices: "arrays"`);
  });

  it('lists all backends', () => {
    expect(backendChoices).toEqual(backendNames);
  });
});

describe('an unknown choice', () => {
  it.each(computing)('%s names flag and choices once', async (name) => {
    const { code, stderr } = await faceanim([name, '--backend', 'wsam']);
    expect(stderr).toBe(
      'error: --backend must be one of cuda, webgpu, cpu, wasm, js, got "wsam".\n  Did you mean wasm?\n',
    );
    expect(code).toBe(2);
  });

  it.each([
    [['--agee', '1'], '--agee is neither a flag nor a factor.\n  Did you mean --age?\n'],
    [['--outt', 'x.png'], '--outt is neither a flag nor a factor.\n  Did you mean --out?\n'],
    [['--expression', 'smlie'], 'The pack has no expression "smlie".\n  Did you mean smile?\n'],
    [
      ['--xxxxxxxxxxxxx=1'],
      '--xxxxxxxxxxxxx is neither a flag nor a factor.\n  faceanim look --list shows the names of the factors.\n',
    ],
    [['--age', 'x'], '--age must be a finite number, got "x".\n'],
    [
      ['--age'],
      '--age is not a factor with a value.\n  Write factors like --age 1.5; faceanim look --list shows their names.\n',
    ],
  ])('look %j asks back', async (flags, message) => {
    expect(await faceanim(['look', ...flags])).toEqual({ code: 2, stdout: '', stderr: `error: ${message}` });
  });
});

it('the demo says how many frames it has', async () => {
  const { stdout } = await faceanim(['demo', '--limit', '100'], { signal: AbortSignal.abort() });
  expect(stdout).toMatch(/^The bundled driver has only 25 frames\.\n/);
  expect(stdout).toContain('with 25 frames of the bundled driver');
});

it('a misspelt name of a required flag is called so, and not missing', async () => {
  const { code, stderr } = await faceanim([
    'animate',
    '--look',
    'x.png',
    '--drivr',
    'y.mp4',
    '--out',
    'z.mp4',
  ]);
  expect(stderr).toBe(
    "error: unknown option '--drivr'\n(Did you mean --driver?)\n(faceanim animate --help lists the flags)\n",
  );
  expect(code).toBe(2);
});

it('points to the help of the command', async () => {
  const { code, stderr } = await faceanim(['render', 'x', '--out', 'y', '--sped', '1']);
  expect(stderr).toBe("error: unknown option '--sped'\n(faceanim render --help lists the flags)\n");
  expect(code).toBe(2);
});

it.each([
  [
    'animat',
    "error: unknown command 'animat'\n(Did you mean animate?)\n(faceanim --help lists the commands)\n",
  ],
  ['qqqqqqq', "error: unknown command 'qqqqqqq'\n(faceanim --help lists the commands)\n"],
])('help %s says that the command does not exist', async (name, message) => {
  expect(await faceanim(['help', name])).toEqual({ code: 2, stdout: '', stderr: message });
});

it('help prints the same as --help', async () => {
  for (const name of [[], ['render']])
    expect(await faceanim(['help', ...name])).toEqual(await faceanim([...name, '--help']));
});

describe('errors about files and numbers', () => {
  const animate = ['animate', '--driver', demoDriver, '--look', demoLook, '--out', 'nowhere.webp'];
  it.each<[number, RegExp, string[]]>([
    [3, /error: --look nowhere\.png does not exist/, [...animate, '--look', 'nowhere.png']],
    [3, /error: --driver nowhere\.mp4 does not exist/, [...animate, '--driver', 'nowhere.mp4']],
    [3, /error: --generator nowhere\.pkl does not exist/, [...animate, '--generator', 'nowhere.pkl']],
    [3, /error: --fan nowhere\.pth does not exist/, [...animate, '--fan', 'nowhere.pth']],
    [3, /error: --lpips nowhere\.pt does not exist/, [...animate, '--lpips', 'nowhere.pt']],
    [3, /error: --encoder nowhere does not exist/, [...animate, '--encoder', 'nowhere']],
    [2, /error: --start must be less than 25/, [...animate, '--start', '25']],
    [2, /error: --fps must be/, [...animate, '--fps', '0']],
    [2, /--weights: a landmark group must be one of jaw, .*"nose"/, [...animate, '--weights', 'nose=1']],
    [2, /--weights jaw must be a finite number, 0 or more, got -1/, [...animate, '--weights', 'jaw=-1']],
    [3, /error: --look package\.json is /, [...animate, '--look', 'package.json']],
    [3, /--look \S+ is a folder, not a file/, [...animate, '--look', dirname(demoLook)]],
    [3, /--fan \S+ is a folder, not a file/, [...animate, '--fan', dirname(demoLook)]],
    [2, /bmp/, [...animate, '--out', 'x.bmp']],
    [2, /bmp/, ['look', '--out', 'x.bmp']],
    [2, /--report must be a name that ends in \.html or \.json/, [...animate, '--report', 'x.txt']],
    [3, /nowhere/, ['render', 'nowhere', '--out', 'x.webp']],
    [
      3,
      /--generator nowhere\.pkl does not exist/,
      ['fit-encoder', '--out', 'x', '--generator', 'nowhere.pkl'],
    ],
    [3, /nowhere/, ['inspect', 'nowhere']],
    [3, /nowhere/, ['import', 'nowhere', '--out', 'nowhere-either']],
  ])('come first, with code %d and %s', async (code, message, args) => {
    const result = await faceanim(args);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
  });
});

describe('flags that would do nothing', () => {
  const animate = ['animate', '--driver', demoDriver, '--out', 'nowhere.webp'];
  const withLook = [...animate, '--look', demoLook];
  it.each<[string, string, string[]]>([
    ['--space', 'beside --mode reference', [...withLook, '--mode', 'reference', '--space', 'w']],
    ['--preset', 'beside --mode reference', [...withLook, '--mode', 'reference', '--preset', 'fast']],
    ['--encoder', 'beside --mode reference', [...withLook, '--mode', 'reference', '--encoder', 'e']],
    ['--encoder', 'beside --preset thorough', [...withLook, '--preset', 'thorough', '--encoder', 'e']],
    ['--encoder', 'without --look', [...animate, '--encoder', 'e']],
    ['--lpips', 'without --look', [...animate, '--lpips', 'l']],
    ['--align-look', 'without --look', [...animate, '--align-look', 'always']],
    ['--target', 'without --look', [...animate, '--target', 'look']],
    ['--target look', 'beside --mode reference', [...withLook, '--mode', 'reference', '--target', 'look']],
    ['--steps-look', 'without --look', [...animate, '--steps-look', '9']],
    ['--steps-look', 'beside a --space other', [...withLook, '--space', 'w', '--steps-look', '9']],
    ['--paste-back', 'without --look', [...animate, '--paste-back']],
    ['--paste-back', 'without --look', ['render', 'r', '--out', 'o.webp', '--paste-back']],
    ['--look', 'without --paste-back', ['render', 'r', '--out', 'o.webp', '--look', demoLook]],
    ['--subframes', 'beside --fps', [...withLook, '--subframes', '3', '--fps', '25']],
    ['--gain', 'without --look', [...animate, '--gain', 'mouth=2']],
    ['--gain', 'beside --mode reference', [...withLook, '--mode', 'reference', '--gain', 'mouth=2']],
    ['--neutral', 'beside --target driver', [...withLook, '--target', 'driver', '--neutral', '0']],
    ['--blend', 'without --look', [...animate, '--blend', 'b.mp4']],
    ['--look-face', 'without --look', [...animate, '--look-face', '1']],
    ['--blend-share', 'without --blend', [...withLook, '--blend-share', '1']],
    ['--face', 'beside --align none', [...withLook, '--face', '1', '--align', 'none']],
    ['--face', 'beside --align none', [...withLook, '--face', '1', '--mode', 'reference']],
    ['--pose', 'beside --target driver', [...withLook, '--target', 'driver', '--pose', '0']],
    ['--look', 'beside --mode free', [...withLook, '--mode', 'free']],
    ['--mode identity', 'without --look', [...animate, '--mode', 'identity']],
    ['--mode mouth', 'without --look', [...animate, '--mode', 'mouth']],
    ['--pose', 'beside --mode mouth', [...withLook, '--mode', 'mouth', '--pose', 'driver']],
    ['--target', 'beside --mode mouth', [...withLook, '--mode', 'mouth', '--target', 'driver']],
    ['--lpips-net', 'without --lpips', [...withLook, '--lpips-net', 'alex']],
    ['--lpips-heads', 'without --lpips', [...withLook, '--lpips-heads', 'h']],
    ['--allow-software', 'beside a --backend other', [...withLook, '--backend', 'wasm', '--allow-software']],
    ['--threads', 'beside a --backend other', [...withLook, '--backend', 'cpu', '--threads', '1']],
    ['--allow-software', 'beside a --backend other', ['doctor', '--backend', 'cpu', '--allow-software']],
    ['--threads', 'beside a --backend other', ['look', '--backend', 'cpu', '--threads', '1']],
    ['--seed', 'beside --list', ['look', '--list', '--seed', '3']],
    ['--age', 'beside --list', ['look', '--list', '--age', '3']],
  ])('%s %s is refused', async (flag, why, args) => {
    const { code, stderr } = await faceanim(args);
    expect(stderr).toContain(`error: ${flag} does nothing ${why}`);
    expect(stderr.split('\n')[1]).toMatch(/^ {2}(Leave out|Add) --/);
    expect(code).toBe(2);
  });
});

it('docs/cli.md has every flag of every command, or says that it is as for another', () => {
  const docs = readFileSync(new URL('../../../../docs/cli.md', import.meta.url), 'utf8');
  const { commands } = createProgram([], new AbortController().signal);
  const sectionOf = (name: string) => docs.split(/^## /m).find((each) => each.startsWith(`${name}\n`));
  const options = (name: string) => commands.find((each) => each.name() === name)!.options;
  const missing = commands.flatMap((command) => {
    const section = sectionOf(command.name()) ?? '';
    const [, other] = /are as for `([a-z]+)`/.exec(section) ?? [];
    const same = new Set(other ? options(other).map(({ description }) => description) : []);
    return command.options.flatMap(({ long, description, hidden }) =>
      hidden || section.includes(`\`${long}`) || same.has(description) ? [] : [`${command.name()} ${long}`],
    );
  });
  expect(missing).toEqual([]);
});

it('exit codes are the documented ones', () => {
  const guide = readFileSync(new URL('../../../../docs/guide.md', import.meta.url), 'utf8');
  const rows = [...guide.matchAll(/^\| `([a-z-]+)` \|.*\| (\d+) \|$/gm)];
  expect(rows.length).toBeGreaterThanOrEqual(12);
  for (const [, code, exit] of rows) {
    expect([code, explain(new FaceanimError(code as FaceanimErrorCode, '…')).code]).toEqual([
      code,
      Number(exit),
    ]);
  }
  expect(explain(new Error('a bug')).code).toBe(1);
});
