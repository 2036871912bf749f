import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProjectSequenceOptions } from '@faceanim/core';
import { openVideo, type ReadVideoOptions } from '@faceanim/media';
import { openCheckpoint } from '@faceanim/models/checkpoints';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pickledTensors, torchFile } from '../../packages/models/test/support/torch-file';

// The examples run as they stand, with fewer frames and steps.
vi.mock('@faceanim/core', async (importOriginal) => {
  const core = await importOriginal<typeof import('@faceanim/core')>();
  const short = <T extends Partial<ProjectSequenceOptions>>(options: T): T => ({
    ...options,
    steps: { look: options.look ? 2 : undefined, first: 2, next: 1 },
  });
  return {
    ...core,
    projectSequence: (options: ProjectSequenceOptions) => core.projectSequence(short(options)),
    openProjector: async (options: Parameters<typeof core.openProjector>[0]) => {
      const projector = await core.openProjector(options);
      const project: typeof projector.project = (run) => projector.project(short(run));
      return { ...projector, project };
    },
  };
});
vi.mock('@faceanim/media', async (importOriginal) => {
  const media = await importOriginal<typeof import('@faceanim/media')>();
  const short = (options?: ReadVideoOptions): ReadVideoOptions => ({ ...options, limit: 2 });
  return {
    ...media,
    readVideo: (file: string, options?: ReadVideoOptions) => media.readVideo(file, short(options)),
    openVideo: async (file: string) => {
      const { info, ...video } = await media.openVideo(file);
      return { info, frames: (options?: ReadVideoOptions) => video.frames(short(options)) };
    },
  };
});

const root = fileURLToPath(new URL('../..', import.meta.url));
const look = `${root}packages/cli/assets/demo-look.png`;
const driver = `${root}packages/cli/assets/demo-driver.webp`;
const fixtures = process.env.FACEANIM_FIXTURES ?? `${root}../shared/fixtures`;

const home = process.cwd();
const { argv, exitCode } = process;
let folder: string;
let printed: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faceanim-examples-'));
  symlinkSync(`${root}packages`, join(folder, 'packages'));
  process.chdir(folder);
  printed = [];
  const keep = (...line: unknown[]) => void printed.push(line.join(' '));
  for (const method of ['log', 'error', 'warn'] as const) vi.spyOn(console, method).mockImplementation(keep);
});

afterEach(() => {
  vi.restoreAllMocks();
  Object.assign(process, { argv, exitCode });
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

/** Runs an example with a command line. */
async function run(example: () => Promise<unknown>, ...args: string[]) {
  process.argv = ['node', 'example.ts', ...args];
  await example();
}

const framesOf = async (file: string) => (await openVideo(file)).info.frames;

describe('examples/node', { tags: ['long'] }, () => {
  it('quick-start, and rerender what it has saved', async () => {
    await run(() => import('../node/quick-start'));
    expect(await framesOf('out/example.webp')).toBe(3);
    await run(() => import('../node/rerender'));
    expect(await framesOf('out/rerendered.webp')).toBe(7);
  });

  it('resume, after Ctrl+C', async () => {
    vi.mocked(console.log).mockImplementation((line) => {
      printed.push(line);
      if (line === 'frame 0 is saved') process.emit('SIGINT');
    });
    await run(() => import('../node/resume'));
    expect(printed).toEqual(['frame 0 is saved', 'stopped; start again to go on']);
    expect(existsSync('out/resume.webp')).toBe(false);
    printed = [];
    // @ts-expect-error: the query makes it run a second time
    await run(() => import('../node/resume?again'));
    expect(printed.slice(0, 2)).toEqual(['going on after frame 0', 'frame 1 is saved']);
    expect(await framesOf('out/resume.webp')).toBe(3);
  });

  it('custom-loss', async () => {
    await run(() => import('../node/custom-loss'));
    expect(await framesOf('out/custom-loss.webp')).toBe(3);
  });

  it('free-mode', async () => {
    await run(() => import('../node/free-mode'));
    expect(await framesOf('out/free.webp')).toBe(5);
  });

  it('batch, in which one clip is damaged', async () => {
    copyFileSync(driver, 'clip.webp');
    writeFileSync('damaged.mp4', 'no video');
    await run(() => import('../node/batch'), look, 'damaged.mp4', 'clip.webp');
    expect(printed[0]).toMatch(/^damaged.mp4: /);
    expect(printed.slice(1, -1)).toEqual(['2/2 clip: frame 1 of 2', '2/2 clip: frame 2 of 2']);
    expect(await framesOf('out/clip.webp')).toBe(3);
    expect(process.exitCode).toBe(1);
  });

  it.skipIf(!existsSync(fixtures))(
    `own-generator, with small networks in the same formats${existsSync(fixtures) ? '' : `: no ${fixtures}`}`,
    async () => {
      mkdirSync('weights');
      const copies = {
        'ffhq.pkl': 'stylegan2/sg2-res64.pkl',
        'vgg16.pth': 'lpips/vgg-reduced.trunk.pth',
        'vgg.pth': 'lpips/vgg-reduced.lin.pth',
      };
      for (const [name, file] of Object.entries(copies))
        copyFileSync(`${fixtures}/${file}`, `weights/${name}`);
      writeFileSync('weights/2DFAN4.pth.tar', await bundledFan());
      await run(() => import('../node/own-generator'), look, driver);
      expect(await framesOf('out/own-generator.webp')).toBe(3);
    },
  );
});

/** The landmark network of the avatar pack, as face-alignment stores its own: the small ones of the fixtures see no faces. */
async function bundledFan(): Promise<Uint8Array> {
  await using checkpoint = await openCheckpoint(`${root}packages/models/assets/avatar/fan.safetensors`);
  const weights = await checkpoint.read();
  return torchFile((tensor) => pickledTensors(weights, tensor));
}
