import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { decodeFrame, decodeLatents, type RgbImage } from '@faceanim/core';
import { cropQuad, rectQuad } from '@faceanim/core/landmarks';
import { readImage, writeImage } from '@faceanim/media';
import { beforeAll, describe, expect, it } from 'vitest';
import { listFixtures, missingShared } from '../../../tensor/test/support/shared';
import { demoDriver, demoLook, faceanim, temporaryFolder } from '../support';

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const short = (frames: number, first: number, next: number) =>
  `--limit ${frames} --steps-look 0 --steps-first ${first} --steps-next ${next} --fan-modules 1 --backend wasm`.split(
    ' ',
  );
// Adam changes the latent at every step, even if two steps improve nothing.
const adam = ['--preset', 'thorough'];
const base = ['animate', '--driver', demoDriver, '--look', demoLook, ...adam, ...short(3, 4, 2)];

function gray(width: number, height: number): RgbImage {
  return { width, height, data: new Uint8Array(width * height * 3).fill(128) };
}

describe('animate', () => {
  beforeAll(async () => {
    const { code, stderr } = await faceanim([
      ...base,
      '--out',
      path('whole'),
      '--report',
      path('whole.json'),
    ]);
    expect(stderr).toContain('frame 3 of 3');
    expect(code).toBe(0);
  });

  it('writes frames, contact sheet, loss curve, latents and report', async () => {
    expect(readdirSync(path('whole')).sort()).toEqual([
      '000000.png',
      '000001.png',
      '000002.png',
      '000003.png',
      '000004.png',
      'faceanim.json',
    ]);
    for (const name of ['whole.sheet.png', 'whole.losses.png']) {
      expect((await readImage(path(name))).width).toBeGreaterThan(256);
    }
    const report = JSON.parse(readFileSync(path('whole.json'), 'utf8'));
    expect(report).toMatchObject({
      driverFrames: 3,
      outputFrames: 5,
      stepsTaken: 8,
      latents: path('whole.run/latents.safetensors'),
    });
    // At the driver's speed: 12.5 frames per second, one sub-frame between two.
    expect(report.fps).toBeCloseTo(25);
    expect(report.frames.map(({ steps }: { steps: number }) => steps)).toEqual([4, 2, 2]);
    expect(Object.keys(report.losses)).toContain('lpips');
    expect(Number.isFinite(report.following.mouth.correlation)).toBe(true);
  });

  it('resumes after Ctrl-C and ends with the same latents', async () => {
    const controller = new AbortController();
    const onStderr = (text: string) => text.startsWith('frame 2 of 3') && controller.abort();
    const stopped = await faceanim([...base, '--out', path('resumed')], {
      signal: controller.signal,
      onStderr,
    });
    expect(stopped.code).toBe(130);
    const command = `animate --driver ${demoDriver} --look ${demoLook}`;
    expect(stopped.stderr).toMatch(/resumed\.run keeps \d finished frames?\. To continue:\n.*\nStopped\.\n$/);
    expect(stopped.stderr).toMatch(new RegExp(` ${command} .* --out ${path('resumed')} --resume\n`));
    expect(existsSync(path('resumed.run/latents.safetensors'))).toBe(false);
    const kept = readdirSync(path('resumed.run/frames')).length;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(3);

    // Stopped again before the next frame, it still says how to continue.
    const second = new AbortController();
    const early = await faceanim([...base, '--out', path('resumed'), '--resume'], {
      signal: second.signal,
      onStderr: (text) => text.startsWith('finding the face, frame') && second.abort(),
    });
    expect(early.code).toBe(130);
    expect(early.stderr).toMatch(new RegExp(`keeps ${kept} finished frames?\\. To continue:`));

    // Flags without an effect may be added or left out, and paths may be spelled differently.
    const same = ['--driver', relative(process.cwd(), demoDriver), '--seed', '0', '--low-memory'];
    const again = [...base, ...same, '--window', '1', '--out', `${path('resumed')}/`];
    const finished = await faceanim([...again, '--resume']);
    expect(finished.stderr).toContain(`Continuing after ${kept} finished frame`);
    expect(finished.code).toBe(0);
    const latents = (run: string) => readFileSync(path(`${run}.run/latents.safetensors`));
    expect(latents('resumed').equals(latents('whole'))).toBe(true);
    expect(readFileSync(path('resumed/000004.png')).equals(readFileSync(path('whole/000004.png')))).toBe(
      true,
    );
  });

  it('keeps finished frames without --resume or --fresh, and when anything else is wrong', async () => {
    const before = readdirSync(path('whole.run/frames'));
    const refused = await faceanim([...base, '--out', path('whole')]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/whole\.run holds 3 finished frames[\s\S]*--resume[\s\S]*--fresh/);
    await writeImage(path('gray.png'), gray(128, 128));
    for (const [flags, code] of [
      [['--fps', '0'], 2],
      [['--weights', 'foo=1'], 2],
      [['--out', path('x.avi'), '--run', path('whole.run')], 2],
      [['--driver', path('gray.png'), '--align', 'none'], 3],
    ] as const) {
      expect((await faceanim([...base, '--out', path('whole'), '--fresh', ...flags])).code).toBe(code);
      expect(readdirSync(path('whole.run/frames'))).toEqual(before);
    }
    expect(JSON.parse(readFileSync(path('whole.run/run.json'), 'utf8'))).toMatchObject({ completed: 3 });
  });

  it('refuses to resume with other settings or another driver of the same name, and says which', async () => {
    mkdirSync(path('moved'));
    const moved = path('moved/demo-driver.webp');
    writeFileSync(moved, Buffer.concat([readFileSync(demoDriver), Buffer.from('x')]));
    const before = readdirSync(path('whole.run')).map((name) => [
      name,
      statSync(path(`whole.run/${name}`)).mtimeMs,
    ]);
    for (const [flags, message] of [
      [
        ['--start', '2', '--driver', moved],
        'whole.run holds another run: --start was the default, is 2; --driver has different content.',
      ],
      [['--weights', 'jaw=7'], 'whole.run holds another run: --weights jaw was the default, is 7.'],
      [['--steps-next', '3'], 'whole.run holds another run: --steps-next was 2, is 3.'],
    ] as const) {
      const { code, stderr } = await faceanim([...base, '--out', path('whole'), '--resume', ...flags]);
      // Nothing else is printed: no backend and no network has been opened.
      expect(stderr).toBe(
        `error: ${path(message)}\n  Resume with the flags and files of the first run, or replace its frames with --fresh.\n`,
      );
      expect(code).toBe(2);
    }
    const after = readdirSync(path('whole.run')).map((name) => [
      name,
      statSync(path(`whole.run/${name}`)).mtimeMs,
    ]);
    expect(after).toEqual(before);
  });

  it('follows the motion on the face of the look by default', async () => {
    const target = ['--gain', 'mouth=1.2', '--pose', '0.5', '--every', '2'];
    const args = [
      'animate',
      '--driver',
      demoDriver,
      '--look',
      demoLook,
      ...adam,
      ...short(2, 1, 1),
      ...target,
    ];
    const { code, stderr } = await faceanim([...args, '--out', path('target')]);
    expect(stderr).toContain('frame 2 of 2');
    expect(code).toBe(0);
    const { origin } = decodeFrame(readFileSync(path('target.run/frames/000001.safetensors')));
    expect(origin.settings).toMatchObject({
      'target.name': 'retargeted',
      'target.gain.mouth': 1.2,
      'target.pose.yaw': 0.5,
      'target.pose.pitch': 0.5,
      'target.pose.roll': 0.5,
      // The frame between is tracked as well.
      every: 2,
      'driver.frames': 3,
    });
  });

  it('names a frame of the run folder that cannot be read', async () => {
    const frame = path('whole.run/frames/000001.safetensors');
    const bytes = readFileSync(frame);
    writeFileSync(frame, bytes.subarray(0, 100));
    const { code, stderr } = await faceanim([...base, '--out', path('whole'), '--resume']);
    writeFileSync(frame, bytes);
    expect(code).toBe(3);
    expect(stderr).toContain('000001.safetensors');
  });

  it('renders the latents again, with other sub-frames at the same speed', async () => {
    const render = ['render', path('whole.run'), '--out', path('again'), '--subframes', '3', '--quiet'];
    const { code, stdout } = await faceanim(render);
    expect(code).toBe(0);
    // The driver has 12.5 frames per second.
    expect(stdout).toContain('7 frames, 37.5 per second');
    // The picture of a driver frame is the same with any number of sub-frames.
    expect(readFileSync(path('again/000006.png')).equals(readFileSync(path('whole/000004.png')))).toBe(true);

    const refused = await faceanim(render);
    expect(refused.stderr).toMatch(/again holds frames already[\s\S]*--overwrite/);
    expect(refused.code).toBe(3);
    const inside = await faceanim(['render', path('whole.run'), '--out', path('whole.run/again.webp')]);
    expect(inside.stderr).toMatch(/lies in the input/);
    expect(inside.code).toBe(2);
  });

  it('renders only with the generator of the run', async () => {
    cpSync(path('whole.run'), path('other.run'), { recursive: true });
    const record = JSON.parse(readFileSync(path('other.run/run.json'), 'utf8'));
    record.contents.generator = '0123456789abcdef';
    writeFileSync(path('other.run/run.json'), JSON.stringify(record));
    const { code, stderr } = await faceanim(['render', path('other.run'), '--out', path('other.webp')]);
    expect(stderr).toMatch(
      /belong to the generator 0123456789abcdef; the generator of the bundled pack is [\da-f]{16}[\s\S]*--generator/,
    );
    expect(code).toBe(3);
    expect(existsSync(path('other.webp'))).toBe(false);
  });

  it('works without a look, with little memory, refined, in reference mode and with an animated picture as output', async () => {
    const two = short(2, 1, 1);
    const free = await faceanim([
      'animate',
      '--driver',
      demoDriver,
      ...two,
      '--refine',
      '--low-memory',
      '--out',
      path('free.webp'),
      '--quiet',
      '--json',
    ]);
    expect(free.code).toBe(0);
    // Only the report, so that another program can read it.
    const report = JSON.parse(free.stdout);
    expect(report).toMatchObject({ out: path('free.webp'), driverFrames: 2, failures: [] });
    expect(report.stepsTaken, 'those of the refinement count').toBeGreaterThan(2);
    expect(free.stderr).toContain(path('free.webp'));
    const kept = decodeFrame(readFileSync(path('free.run/frames/000001.safetensors'))).latent;
    const drawn = decodeLatents(readFileSync(path('free.run/latents.safetensors')))[1]!;
    expect(drawn.data, 'what is drawn is refined, what is kept is not').not.toEqual(kept.data);
    const reference = ['animate', '--mode', 'reference', '--driver', demoDriver, '--look', demoLook, ...two];
    expect((await faceanim([...reference, '--out', path('reference.webp'), '--quiet'])).code).toBe(0);
    expect(existsSync(path('reference.webp'))).toBe(true);
  });

  it('holds the face where a frame has none, and says so', { tags: ['long'] }, async () => {
    mkdirSync(path('faceless'));
    const look = await readImage(demoLook);
    await writeImage(path('faceless/0.png'), look);
    await writeImage(path('faceless/1.png'), gray(look.width, look.height));
    const { code, stderr } = await faceanim([
      ...base,
      '--driver',
      path('faceless'),
      '--out',
      path('faceless-out'),
    ]);
    expect(stderr).toMatch(/No face was found in 1 of 2 frames: 1\./);
    expect(code).toBe(0);
    expect(readdirSync(path('faceless-out.run/frames'))).toHaveLength(2);
    rmSync(path('faceless'), { recursive: true });
  });
});

it('crops a look that is not aligned, says so even with --quiet, and resumes with the same crop', async () => {
  const look = path('photo.png');
  await writeImage(
    look,
    cropQuad(await readImage(demoLook), rectQuad({ x: -60, y: -20, width: 400, height: 300 }), {
      width: 400,
      height: 300,
    }),
  );
  const args = ['animate', '--driver', demoDriver, '--look', look, '--out', path('cropped')];
  const { code, stderr } = await faceanim([...args, ...short(1, 1, 1), '--quiet']);
  expect(stderr).toMatch(
    /^\S*photo\.png: The look is not aligned: .* It has been cropped by its landmarks\.\n$/,
  );
  expect(code).toBe(0);

  // The motion of every frame depends on the whole driver.
  const longer = await faceanim([...args, ...short(2, 1, 1), '--resume']);
  expect(longer.stderr).toContain('the number of driver frames (--limit) was 1 and is 2');
  expect(longer.stderr, 'before anything is loaded').not.toContain('Backend:');
  expect(longer.code).toBe(2);

  const kept = await readImage(path('cropped.run/look.png'));
  const changed = kept.data.map((value) => value ^ 1);
  await writeImage(path('cropped.run/look.png'), { ...kept, data: changed });
  const other = await faceanim([...args, ...short(1, 1, 1), '--resume']);
  expect(other.stderr).toContain('the look is another picture');
  expect(other.stderr, 'before the driver is tracked').not.toContain('track');
  expect(other.code).toBe(2);
});

const generators = listFixtures('stylegan2', /res64\.pkl$/);
const ownFan = listFixtures('projection', /^fan-reduced\.pth$/);
const ownLpips = listFixtures('projection', /^vgg16-reduced\.pt$/);
const ownNetworks = [generators, ownFan, ownLpips].every((found) => found.length > 0);

it.skipIf(!ownNetworks)(
  `takes your own networks from their checkpoints${ownNetworks ? '' : `: ${missingShared}`}`,
  async () => {
    // Random networks find no face, so an error about the look means that all files were read.
    const networks = ['--generator', generators[0]!, '--fan', ownFan[0]!, '--lpips', ownLpips[0]!];
    const blind = await faceanim([...base, ...networks, '--out', path('own')]);
    expect(blind.stderr).toMatch(/no face was found in the look/i);
    const { code } = await faceanim([
      ...base,
      ...networks.slice(0, 2),
      '--lpips',
      ownLpips[0]!,
      '--out',
      path('own'),
    ]);
    expect(code).toBe(0);
    expect((await readImage(path('own/000000.png'))).width).toBe(64);
    expect(JSON.parse(readFileSync(path('own.run/run.json'), 'utf8'))).toMatchObject({
      contents: { encoder: 'none' },
    });
    const bundled = await faceanim(['render', path('own.run'), '--out', path('own-again')]);
    expect(bundled.stderr).toMatch(/belong to the generator/);
    const again = ['render', path('own.run'), '--out', path('own-again'), '--generator', generators[0]!];
    expect((await faceanim(again)).code).toBe(0);
    expect(readFileSync(path('own-again/000004.png')).equals(readFileSync(path('own/000004.png')))).toBe(
      true,
    );
    expect((await faceanim([...base, '--generator', ownFan[0]!, '--out', path('unfit')])).code).toBe(3);
  },
);

describe('bad input', () => {
  beforeAll(async () => {
    mkdirSync(path('empty'));
    mkdirSync(path('gray'));
    await writeImage(path('gray/0.png'), gray(128, 128));
    mkdirSync(path('sizes'));
    await writeImage(path('sizes/0.png'), await readImage(demoLook));
    await writeImage(path('sizes/1.png'), gray(64, 64));
    await writeImage(path('wide.png'), gray(96, 64));
    writeFileSync(path('broken.png'), 'this is no picture');
  });

  it.each<[string, string[], number, RegExp]>([
    ['a missing driver', ['--driver', 'nowhere.mp4'], 3, /nowhere\.mp4/],
    ['a missing look', ['--look', 'nowhere.png'], 3, /nowhere\.png/],
    ['a broken look', ['--look', path('broken.png')], 3, /broken\.png/],
    [
      'a look that is neither square nor to be aligned',
      ['--look', path('wide.png'), '--align-look', 'never'],
      2,
      /wide\.png: .* 96 x 64 pixels[\s\S]*--align-look never/,
    ],
    ['an empty driver', ['--driver', path('empty')], 3, /empty/],
    // The whole picture would be searched for seconds.
    [
      'a single picture without a face',
      ['--driver', path('gray'), '--align', 'none'],
      3,
      /gray has one frame, and so has the animation[\s\S]*no.*face.*frame 0/i,
    ],
    ['frames of different size', ['--driver', path('sizes')], 3, /64/],
    ['an unknown option', ['--speed', '9'], 2, /--speed/],
    ['a value too many', ['--refine=yes'], 2, /option '--refine' takes no value/],
    ['an unknown backend', ['--backend', 'abacus'], 2, /abacus/],
    ['an unknown landmark group', ['--weights', 'nose=1'], 2, /nose/],
    ['NaN as a weight', ['--weights', 'jaw=NaN'], 2, /jaw/],
    ['a negative weight', ['--weights', 'jaw=-1'], 2, /jaw/],
    ['a list that is none', ['--weights', 'jaw'], 2, /outerLip=5/],
    [
      'an unknown target',
      ['--target', 'lok'],
      2,
      /--target must be one of look, driver[\s\S]*Did you mean look/,
    ],
    ['an unknown group to move', ['--gain', 'nose=1'], 2, /--gain.*nose/],
    ['a pose that is none', ['--pose', '2'], 2, /--pose must be driver, look or a number/],
    ['no steps', ['--steps-first', '0'], 2, /--steps-first/],
    ['a score that no face can have', ['--min-score', '7'], 2, /--min-score/],
    ['half a frame', ['--every', '1.5'], 2, /--every/],
    ['a bad crop', ['--align', '1,2,3'], 2, /x,y,w,h/],
    ['an unknown space', ['--space', 'z'], 2, /space/],
    ['an unknown kind of output', ['--out', path('x.bmp')], 2, /bmp/],
  ])('%s ends with a code and a message that names it', async (_, args, code, message) => {
    const result = await faceanim([...base, '--out', path('bad'), ...args]);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
  });

  it('needs a driver and an output', async () => {
    expect((await faceanim(['animate', '--look', demoLook])).code).toBe(2);
  });
});

describe('look', () => {
  it('draws a face by its factors, the same for a seed', async () => {
    const draw = async (name: string, ...args: string[]) => {
      const result = await faceanim([
        'look',
        '--seed',
        '7',
        '--out',
        path(name),
        '--backend',
        'wasm',
        ...args,
      ]);
      expect(result).toMatchObject({ code: 0, stdout: `${path(name)}\n` });
      return readFileSync(path(name));
    };
    const plain = await draw('a.png');
    expect((await draw('b.png')).equals(plain)).toBe(true);
    expect((await draw('c.png', '--age', '1.5')).equals(plain)).toBe(false);
    expect((await draw('d.png', '--yaw=1', '--no-ai-tag')).equals(plain)).toBe(false);
    expect((await readImage(path('a.png'))).width).toBeGreaterThan(0);
    const label = 'trainedAlgorithmicMedia';
    expect(plain.includes(label)).toBe(true);
    expect(readFileSync(path('d.png')).includes(label)).toBe(false);
  });

  it('lists the factors and refuses others', async () => {
    const { stdout } = await faceanim(['look', '--list']);
    const lines = stdout.split('\n');
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}shape: broad-nose, .*\bage\b/));
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}expression: .*\bsmile\b/));
    expect(stdout).toContain('Of hair styles, brows, eye colours and *-nose, the largest decides');
    expect(lines.at(-2)).toMatch(/^ {2}.*\bsmile\b/);
    expect(stdout.match(/ age,/g)).toHaveLength(1);
    const unknown = await faceanim(['look', '--beauty', '1']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('beauty');
  });
});

it('helps', async () => {
  const { code, stdout } = await faceanim(['--help']);
  expect(code).toBe(0);
  for (const command of 'animate targets render look demo inspect import fit-encoder doctor'.split(' '))
    expect(stdout).toContain(command);
});
