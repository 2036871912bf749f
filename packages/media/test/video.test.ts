import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RgbImage } from '@faceanim/core';
import sharp from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { missingShared, sharedDir } from '../../tensor/test/support/shared';
import { contentHash } from '../src/files/content-hash';
import { probeVideo, readVideo } from '../src/node/read-video';
import { checkImageOutput, writeImage } from '../src/node/write-image';
import { checkVideoOutput, writeVideo } from '../src/node/write-video';
import {
  collect,
  ffmpeg,
  hasFfmpeg,
  meanDifference,
  noRgbImages,
  picture,
  temporaryFolder,
} from './support/media';

const frames = [0, 1, 2, 3, 4, 5].map((i) => picture(48, 32, i));

/** Outputs, their kinds, and how much their compression may change pictures on average. */
const outputs = [
  { name: 'frames', kind: 'folder', mediaType: '', tolerance: 0, fps: 25 },
  { name: 'clip.webp', kind: 'animation', mediaType: 'image/webp', tolerance: 3, fps: 20 },
  { name: 'clip.gif', kind: 'animation', mediaType: 'image/gif', tolerance: 8, fps: 20 },
  { name: 'clip.mp4', kind: 'video', mediaType: 'video/mp4', tolerance: 3, fps: 20 },
  { name: 'clip.mov', kind: 'video', mediaType: 'video/quicktime', tolerance: 3, fps: 20 },
  { name: 'clip.mkv', kind: 'video', mediaType: 'video/x-matroska', tolerance: 3, fps: 20 },
  { name: 'clip.webm', kind: 'video', mediaType: 'video/webm', tolerance: 5, fps: 20 },
] as const;

afterEach(() => {
  vi.unstubAllEnvs();
});

for (const { name, kind, mediaType, tolerance, fps } of outputs) {
  describe.skipIf(kind === 'video' && !hasFfmpeg)(name, () => {
    it('comes back frame by frame', async () => {
      using folder = temporaryFolder();
      const path = folder.join(name);
      const told: (number | undefined)[] = [];
      const onProgress = ({ frame }: { frame?: number }) => told.push(frame);
      const written = await writeVideo(path, frames, { fps: 20, onProgress });
      expect(written).toEqual({ path, frames: 6, kind, blob: expect.any(Function) });
      expect(told).toEqual([0, 1, 2, 3, 4, 5]);
      expect(readdirSync(folder.path)).toEqual([name]);

      const info = await probeVideo(path);
      expect(info).toMatchObject({ width: 48, height: 32, frames: 6, kind });
      expect(info.fps).toBeCloseTo(fps, 5);
      const back = await collect(readVideo(path));
      expect(back.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
      for (const { index, time, image } of back) {
        expect(time).toBeCloseTo(index / fps, 5);
        expect(meanDifference(image, frames[index]!)).toBeLessThanOrEqual(tolerance);
      }
    });

    it('is there as a Blob until it is removed, unless it is a folder', async () => {
      using folder = temporaryFolder();
      const { path, blob } = await writeVideo(folder.join(name), frames, { fps: 20 });
      if (kind === 'folder') {
        await expect(blob()).rejects.toMatchObject({ code: 'media', file: path });
        return;
      }
      const { type, size } = await blob();
      expect([type, size]).toEqual([mediaType, statSync(path).size]);
      expect(Buffer.from(await (await blob()).arrayBuffer())).toEqual(readFileSync(path));
      rmSync(path);
      await expect(blob()).rejects.toMatchObject({ code: 'io', file: path });
    });

    // These containers differ from .mp4 in little but their name.
    if (name === 'clip.mov' || name === 'clip.mkv') return;

    it('gives every n-th frame from a start', async () => {
      using folder = temporaryFolder();
      const path = folder.join(name);
      await writeVideo(path, frames, { fps: 20 });
      const part = await collect(readVideo(path, { start: 1, every: 2, limit: 2 }));
      expect(part.map(({ index }) => index)).toEqual([1, 3]);
      for (const { index, image } of part) {
        expect(meanDifference(image, frames[index]!)).toBeLessThanOrEqual(tolerance);
      }
      expect((await collect(readVideo(path, { every: 4 }))).map(({ index }) => index)).toEqual([0, 4]);
      await expect(collect(readVideo(path, { start: 6 }))).rejects.toMatchObject({
        code: 'media',
        file: path,
      });
    });

    it('leaves nothing half done after an abort or an error', async () => {
      using folder = temporaryFolder();
      const path = folder.join(name);
      const controller = new AbortController();
      async function* aborting() {
        for (const [i, frame] of frames.entries()) {
          if (i === 3) controller.abort();
          yield frame;
        }
      }
      const aborted = writeVideo(path, aborting(), { fps: 20, signal: controller.signal });
      await expect(aborted).rejects.toMatchObject({ code: 'aborted', frame: 3 });
      async function* failing() {
        yield* frames.slice(0, 3);
        throw new RangeError('diverged');
      }
      await expect(writeVideo(path, failing(), { fps: 20 })).rejects.toThrow('diverged');
      const differing = [frames[0]!, frames[1]!, frames[2]!, picture(16, 16)];
      await expect(writeVideo(path, differing, { fps: 20 })).rejects.toMatchObject({
        code: 'media',
        frame: 3,
      });
      if (kind === 'folder')
        expect(readdirSync(path)).toEqual(['000000.png', '000001.png', '000002.png', 'faceanim.json']);
      else expect(readdirSync(folder.path)).toEqual([]);
    });

    it('refuses what is no RGB image, and leaves nothing half done', async () => {
      using folder = temporaryFolder();
      // One check for all kinds: a folder shows all that it refuses, the others that they heed it.
      const refused = Object.values(noRgbImages).slice(0, kind === 'folder' ? undefined : 1);
      for (const [wrong, said] of refused) {
        const path = folder.join(name);
        const written = writeVideo(path, [picture(2, 2), wrong as RgbImage], { fps: 20 });
        await expect(written).rejects.toMatchObject({
          code: 'invalid-option',
          message: expect.stringContaining(`Frame 1 for ${path} ${said}`),
        });
        expect(readdirSync(folder.path)).toEqual(kind === 'folder' ? [name] : []);
      }
    });

    it('refuses no frames, and to overwrite unless it may', async () => {
      using folder = temporaryFolder();
      const path = folder.join(name);
      await expect(writeVideo(path, [], { fps: 20 })).rejects.toMatchObject({ code: 'media', file: path });
      await writeVideo(path, frames.slice(0, 3), { fps: 20 });
      await writeVideo(path, frames.slice(0, 2), { fps: 20 });
      expect(await collect(readVideo(path))).toHaveLength(2);
      const again = writeVideo(path, frames, { fps: 20, overwrite: false });
      await expect(again).rejects.toMatchObject({ code: 'io', file: path });
    });

    it('names a path that cannot be written', async () => {
      using folder = temporaryFolder();
      writeFileSync(folder.join('file'), '');
      const path = folder.join('file', name);
      await expect(writeVideo(path, frames, { fps: 20 })).rejects.toMatchObject({ code: 'io' });
      expect(readdirSync(folder.path)).toEqual(['file']);
    });

    it('stops reading when the signal fires, or the loop is left', async () => {
      using folder = temporaryFolder();
      const path = folder.join(name);
      await writeVideo(path, frames, { fps: 20 });
      const controller = new AbortController();
      const read = async () => {
        for await (const { index } of readVideo(path, { signal: controller.signal }))
          if (index === 2) controller.abort();
      };
      await expect(read()).rejects.toMatchObject({ code: 'aborted', frame: 3 });
      for await (const { index } of readVideo(path)) if (index === 1) break;
    });
  });
}

describe('a folder of frames', () => {
  it('is read in natural order, and other files are passed over', async () => {
    using folder = temporaryFolder();
    for (const i of [10, 2, 1]) await writeImage(folder.join(`frame${i}.png`), picture(4, 4, i % 5));
    writeFileSync(folder.join('notes.txt'), 'x');
    writeFileSync(folder.join('.hidden.png'), 'x');
    mkdirSync(folder.join('sub'));
    const blues = (await collect(readVideo(folder.path))).map(({ image }) => image.data[2]);
    expect(blues).toEqual([40, 80, 0]);
  });

  it('must have pictures of one size, all whole', async () => {
    using folder = temporaryFolder();
    await expect(collect(readVideo(folder.path))).rejects.toMatchObject({ code: 'media', file: folder.path });
    await writeImage(folder.join('0.png'), picture(4, 4));
    await writeImage(folder.join('1.png'), picture(5, 4));
    await expect(collect(readVideo(folder.path))).rejects.toMatchObject({ code: 'media', frame: 1 });
    writeFileSync(folder.join('1.png'), 'x');
    const error = collect(readVideo(folder.path));
    await expect(error).rejects.toMatchObject({ code: 'media', file: folder.join('1.png') });
  });
});

describe('a folder to write to', () => {
  it('keeps its manifest through a run that breaks off, and is ours to go on with', async () => {
    using folder = temporaryFolder();
    const path = folder.join('frames');
    async function* failing() {
      yield* frames.slice(0, 3);
      throw new RangeError('killed');
    }
    await expect(writeVideo(path, failing(), { fps: 20 })).rejects.toThrow('killed');
    await writeVideo(path, frames.slice(0, 2), { fps: 20 });
    expect(readdirSync(path)).toEqual(['000000.png', '000001.png', 'faceanim.json']);
    await writeVideo(path, frames, { fps: 20 });
    expect(readdirSync(path)).toHaveLength(7);
  });

  it('with pictures of others is refused, whether it may overwrite or not', async () => {
    using folder = temporaryFolder();
    for (const [i, name] of ['000000.png', '000002.png', 'photo.jpg'].entries()) {
      const path = folder.join(`taken${i}`);
      mkdirSync(path);
      writeFileSync(join(path, name), 'theirs');
      for (const overwrite of [true, false]) {
        const refused = writeVideo(path, frames, { fps: 20, overwrite });
        await expect(refused).rejects.toMatchObject({ code: 'io', file: join(path, name) });
      }
      expect(readdirSync(path)).toEqual([name]);
      expect(readFileSync(join(path, name), 'utf8')).toBe('theirs');
    }
  });

  it('keeps what others put beside our frames', async () => {
    using folder = temporaryFolder();
    const path = folder.join('frames');
    await writeVideo(path, frames, { fps: 20 });
    writeFileSync(join(path, 'notes.txt'), 'theirs');
    await writeVideo(path, frames.slice(0, 1), { fps: 20 });
    expect(readdirSync(path)).toEqual(['000000.png', 'faceanim.json', 'notes.txt']);
    writeFileSync(join(path, '000001.png'), 'theirs');
    await expect(writeVideo(path, frames, { fps: 20 })).rejects.toMatchObject({ code: 'io' });
    writeFileSync(join(path, 'faceanim.json'), '{}');
    await expect(writeVideo(path, frames, { fps: 20 })).rejects.toMatchObject({
      code: 'io',
      file: join(path, 'faceanim.json'),
    });
    expect(readFileSync(join(path, '000001.png'), 'utf8')).toBe('theirs');
  });

  it('may have a dot in its name, with a slash at the end', async () => {
    using folder = temporaryFolder();
    await writeVideo(`${folder.join('take.2')}/`, frames.slice(0, 1), { fps: 20 });
    expect(readdirSync(folder.join('take.2'))).toEqual(['000000.png', 'faceanim.json']);
  });
});

describe('a check before the work', () => {
  it('writes nothing, and refuses what writing would refuse', async () => {
    using folder = temporaryFolder();
    expect(await checkVideoOutput(folder.join('a', 'b.webp'), { fps: 25 })).toBe('animation');
    expect(await checkVideoOutput(folder.join('a', 'b'), { fps: 25 })).toBe('folder');
    for (const [name, fps] of [
      ['a.avi', 25],
      ['a.webp', 0],
    ] as const) {
      const refused = checkVideoOutput(folder.join(name), { fps });
      await expect(refused).rejects.toMatchObject({ code: 'invalid-option' });
    }
    await expect(checkImageOutput(folder.join('a.bmp'))).rejects.toMatchObject({ code: 'invalid-option' });
    vi.stubEnv('PATH', folder.path);
    await expect(checkVideoOutput(folder.join('b.mp4'), { fps: 25 })).rejects.toMatchObject({
      code: 'media',
    });
    expect(readdirSync(folder.path)).toEqual([]);
    for (const name of ['a.webp', 'a.png']) {
      writeFileSync(folder.join(name), 'x');
      const path = folder.join(name);
      const check = (options: { overwrite?: boolean }) =>
        name === 'a.png' ? checkImageOutput(path, options) : checkVideoOutput(path, { fps: 25, ...options });
      await expect(check({ overwrite: false })).rejects.toMatchObject({ code: 'io', file: path });
      await check({});
    }
  });
});

describe('contentHash', () => {
  it('tells contents apart, not names', async () => {
    using folder = temporaryFolder();
    for (const [name, ...colours] of [
      ['a', 0, 1],
      ['b', 0, 1],
      ['c', 1, 0],
      ['d', 0, 1, 2],
    ] as const) {
      mkdirSync(folder.join(name));
      for (const [i, colour] of colours.entries()) {
        await writeImage(folder.join(name, `${name}-${i}.png`), picture(4, 4, colour));
      }
    }
    writeFileSync(folder.join('a', 'notes.txt'), 'x');
    const [a, b, c, d] = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => contentHash(folder.join(name))),
    );
    expect(a).toMatch(/^[\da-f]{64}$/);
    expect(b).toBe(a);
    expect(new Set([a, c, d]).size).toBe(3);
    expect(await contentHash(folder.join('a', 'a-0.png'))).toBe(
      await contentHash(folder.join('c', 'c-1.png')),
    );
    await expect(contentHash(folder.join('e'))).rejects.toMatchObject({ code: 'io', file: folder.join('e') });
  });
});

describe('an animated picture', () => {
  it('keeps time when the rate does not divide a second', async () => {
    using folder = temporaryFolder();
    const many = Array.from({ length: 30 }, () => picture(4, 4));
    await writeVideo(folder.join('a.webp'), many, { fps: 30 });
    const { delay } = await sharp(folder.join('a.webp')).metadata();
    expect(delay!.reduce((a, b) => a + b)).toBe(1000);
    expect((await probeVideo(folder.join('a.webp'))).fps).toBeCloseTo(30, 6);
  });

  it('is a file that says its own size', async () => {
    using folder = temporaryFolder();
    await writeVideo(folder.join('a.webp'), frames, { fps: 25 });
    const bytes = readFileSync(folder.join('a.webp'));
    expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
  });

  it('that is cut off is an error with its name', async () => {
    using folder = temporaryFolder();
    for (const name of ['a.webp', 'a.gif']) {
      const path = folder.join(name);
      await writeVideo(path, frames, { fps: 25 });
      truncateSync(path, Math.floor(statSync(path).size / 2));
      await expect(collect(readVideo(path)), name).rejects.toMatchObject({ code: 'media', file: path });
    }
  });

  it('may be a still picture: one frame', async () => {
    using folder = temporaryFolder();
    await writeImage(folder.join('a.png'), picture(6, 4));
    const all = await collect(readVideo(folder.join('a.png')));
    expect(all).toHaveLength(1);
    expect(meanDifference(all[0]!.image, picture(6, 4))).toBe(0);
  });
});

describe.skipIf(!hasFfmpeg)('a video file', () => {
  it('that is cut off is an error that names file and frame', async () => {
    using folder = temporaryFolder();
    const path = folder.join('a.mp4');
    const noise = Array.from({ length: 30 }, (_, i): RgbImage => {
      const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, k) => ((k + 1) * (i + 3) * 7919) % 251);
      return { width: 64, height: 64, data };
    });
    await writeVideo(path, noise, { fps: 25 });
    truncateSync(path, Math.floor(statSync(path).size / 2));
    const seen: number[] = [];
    const read = async () => {
      for await (const { index } of readVideo(path)) seen.push(index);
    };
    await expect(read()).rejects.toMatchObject({ code: 'media', file: path, frame: expect.any(Number) });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(30);
  });

  it('that is none is an error that names it', async () => {
    using folder = temporaryFolder();
    const path = folder.join('a.mp4');
    writeFileSync(path, 'no video');
    await expect(probeVideo(path)).rejects.toMatchObject({ code: 'media', file: path });
    writeFileSync(path, '');
    await expect(collect(readVideo(path))).rejects.toMatchObject({ code: 'media', file: path });
    await expect(probeVideo(folder.join('b.mp4'))).rejects.toMatchObject({
      code: 'io',
      file: folder.join('b.mp4'),
    });
    ffmpeg('-f', 'lavfi', '-i', 'sine=duration=0.2', folder.join('sound.mp4'));
    await expect(probeVideo(folder.join('sound.mp4'))).rejects.toMatchObject({ code: 'media' });
  });

  it('is shown upright', async () => {
    using folder = temporaryFolder();
    await writeVideo(folder.join('a.mp4'), frames, { fps: 20 });
    ffmpeg('-i', folder.join('a.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=90', folder.join('b.mp4'));
    expect(await probeVideo(folder.join('b.mp4'))).toMatchObject({ width: 32, height: 48 });
    expect((await collect(readVideo(folder.join('b.mp4'))))[0]!.image).toMatchObject({
      width: 32,
      height: 48,
    });
  });

  it('of odd size gets even', async () => {
    using folder = temporaryFolder();
    await writeVideo(folder.join('a.mp4'), [picture(15, 17)], { fps: 20 });
    expect(await probeVideo(folder.join('a.mp4'))).toMatchObject({ width: 16, height: 18 });
  });

  it('keeps the colours of both matrices', async () => {
    using folder = temporaryFolder();
    for (const matrix of ['bt709', 'smpte170m']) {
      const path = folder.join(`${matrix}.mkv`);
      const convert = `scale=out_color_matrix=${matrix}:out_range=tv:flags=accurate_rnd+full_chroma_int,format=yuv444p`;
      ffmpeg(
        '-f',
        'lavfi',
        '-i',
        'color=c=#c05030:s=32x32:d=0.2',
        '-vf',
        convert,
        '-colorspace',
        matrix,
        '-qp',
        '0',
        path,
      );
      const [first] = await collect(readVideo(path, { limit: 1 }));
      for (const [i, value] of [0xc0, 0x50, 0x30].entries()) {
        expect(Math.abs(first!.image.data[i]! - value), matrix).toBeLessThanOrEqual(2);
      }
    }
  });

  it('tells what to install where no codecs are', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.join('a.mp4'), 'x');
    vi.stubEnv('PATH', folder.path);
    for (const call of [
      () => collect(readVideo(folder.join('a.mp4'))),
      () => writeVideo(folder.join('b.mp4'), frames, { fps: 20 }),
    ]) {
      const error = await call().catch((e: unknown) => e);
      expect(error).toMatchObject({
        code: 'media',
        hint: expect.stringMatching(/Install ffmpeg.*folder/s),
      });
    }
    await writeVideo(folder.join('b.webp'), frames, { fps: 20 });
  });
});

describe('options', () => {
  it('are checked at the door', async () => {
    using folder = temporaryFolder();
    const path = folder.join('a.webp');
    await writeVideo(path, frames, { fps: 25 });
    for (const options of [
      { start: -1 },
      { every: 0 },
      { every: 1.5 },
      { limit: 0 },
      { limit: Number.NaN },
    ]) {
      await expect(collect(readVideo(path, options))).rejects.toMatchObject({ code: 'invalid-option' });
    }
    for (const fps of [0, -1, Number.NaN, 1001, '25', [25], true]) {
      await expect(writeVideo(path, frames, { fps: fps as number })).rejects.toMatchObject({
        code: 'invalid-option',
      });
    }
    for (const name of ['a.avi', 'a.png', 'a.apng']) {
      const refused = writeVideo(folder.join(name), frames, { fps: 25 });
      await expect(refused).rejects.toMatchObject({ code: 'invalid-option' });
    }
  });
});

const shared = sharedDir();
if (!shared) console.warn(missingShared);
describe.skipIf(!shared || !hasFfmpeg)('the shared drivers', () => {
  const folder = join(shared ?? '', 'media');
  for (const name of shared ? readdirSync(folder).filter((file) => file.endsWith('.mp4')) : []) {
    // It has ten frames, the others fifty.
    const tags = name === 'driver-noface.mp4' ? [] : ['long'];
    it(`${name} is read whole`, { tags }, async () => {
      const info = await probeVideo(join(folder, name));
      expect(info.width).toBe(info.height);
      const indices: number[] = [];
      for await (const { index } of readVideo(join(folder, name))) indices.push(index);
      expect(indices).toEqual(Array.from({ length: info.frames! }, (_, i) => i));
    });
  }
});
