import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { missingShared, sharedDir } from '../../tensor/test/support/shared';
import { openVideo, probeVideo, readVideo } from '../src/node/read-video';
import { checkVideoOutput, writeVideo } from '../src/node/write-video';
import type { ReadVideoOptions, VideoFrame } from '../src/video';
import { collect, ffmpeg, hasFfmpeg, meanDifference, picture, temporaryFolder } from './support/media';

/** All frames and warnings. */
async function read(path: string, options: ReadVideoOptions = {}) {
  const warnings: string[] = [];
  const frames = await collect(readVideo(path, { ...options, onWarning: (text) => warnings.push(text) }));
  return { frames, warnings };
}

const timesOf = (frames: readonly VideoFrame[]) => frames.map(({ time }) => time);
const indicesOf = (frames: readonly VideoFrame[]) => frames.map(({ index }) => index);
const blueOf = (frames: readonly VideoFrame[]) => frames.map(({ image }) => image.data[2]);

const shared = sharedDir();
const troubles = shared && join(shared, 'media/troubles');
if (!troubles) console.warn(missingShared);

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.skipIf(!troubles || !hasFfmpeg)('recordings of browsers', () => {
  it('that change size are read whole, scaled to the first size, and it is said once', async () => {
    const path = join(troubles!, 'size-changes.webm');
    expect(await probeVideo(path)).toMatchObject({ width: 512, height: 512, fps: 25, frames: 16 });
    const { frames, warnings } = await read(path);
    expect(indicesOf(frames)).toEqual(Array.from({ length: 16 }, (_, i) => i));
    for (const { image } of frames) expect([image.width, image.height]).toEqual([512, 512]);
    // Frame 8 is the first of the smaller ones and shows the same scene.
    expect(meanDifference(frames[8]!.image, frames[7]!.image)).toBeLessThan(12);
    expect(warnings).toEqual([expect.stringMatching(/size-changes\.webm changes its size/)]);
    const part = await read(path, { start: 1, every: 3, limit: 4 });
    expect(indicesOf(part.frames)).toEqual([1, 4, 7, 10]);
    for (const { index, image } of part.frames) {
      expect(meanDifference(image, frames[index]!.image), String(index)).toBe(0);
    }
  });

  it('that tell no rate are read at that of their timestamps, and keep their length', async () => {
    const path = join(troubles!, 'recorded-in-chromium.webm');
    const info = await probeVideo(path);
    expect(info.variableRate).toBe(true);
    expect(info.fps).toBeGreaterThan(20);
    expect(info.fps).toBeLessThan(23);
    // From the first frame to the last 3.883 s.
    expect(info.frames! / info.fps).toBeGreaterThan(3.85);
    expect(info.frames! / info.fps).toBeLessThan(3.99);
    const { frames, warnings } = await read(path);
    expect(frames).toHaveLength(info.frames!);
    expect(warnings).toEqual([]);
    expect(info).toMatchObject({ sound: true });

    const stored = await read(path, { timing: 'source' });
    expect(timesOf(stored.frames).slice(0, 4)).toEqual([0, 0.007, 0.038, 0.071]);
    expect(stored.frames).toHaveLength(84);
    expect(stored.frames.at(-1)!.time).toBeCloseTo(3.883, 6);
  });
});

/** A lossless video whose frames start at a time given as an expression of their number N. Their blue tells them apart. */
async function variable(
  folder: { join(...names: string[]): string },
  name: string,
  count: number,
  time: string,
) {
  for (let i = 0; i < count; i++) {
    const background = { r: 0, g: 0, b: i * 20 };
    const still = sharp({ create: { width: 32, height: 32, channels: 3, background } });
    await still.toFile(folder.join(`still-${i}.png`));
  }
  const path = folder.join(name);
  ffmpeg(
    ...['-framerate', '10', '-i', folder.join('still-%d.png'), '-vf', `settb=1/1000,setpts='1000*(${time})'`],
    ...['-vsync', 'passthrough', '-c:v', 'libx264rgb', '-qp', '0', '-bf', '0', path],
  );
  return path;
}

describe('frames at irregular times', () => {
  const delays = [0.1, 0.1, 0.1, 0.5, 0.1, 0.1];
  const starts = 'if(lt(N,4),N,N+4)/10';
  /** Frame 3 is held for five ticks. */
  const shown = [0, 1, 2, 3, 3, 3, 3, 3, 4, 5];

  it.skipIf(!hasFfmpeg)('of a video are read at a constant rate that keeps the speed', async () => {
    using folder = temporaryFolder();
    const path = await variable(folder, 'phone.mkv', 6, starts);
    const info = await probeVideo(path);
    expect(info).toMatchObject({ variableRate: true, frames: 10 });
    expect(info.fps).toBeCloseTo(10, 3);
    const { frames } = await read(path);
    expect(indicesOf(frames)).toEqual(shown.map((_, i) => i));
    expect(blueOf(frames)).toEqual(shown.map((frame) => frame * 20));
    expect(frames[9]!.time).toBeCloseTo(0.9, 3);

    const part = await read(path, { start: 2, every: 2, limit: 3 });
    expect(indicesOf(part.frames)).toEqual([2, 4, 6]);
    expect(blueOf(part.frames)).toEqual([40, 60, 60]);
    await expect(read(path, { start: 10 })).rejects.toMatchObject({ code: 'media', file: path });
  });

  it.skipIf(!hasFfmpeg)(
    'of a video are given once each, with their times, where that is asked for',
    async () => {
      using folder = temporaryFolder();
      const path = await variable(folder, 'phone.mkv', 6, starts);
      const { frames } = await read(path, { timing: 'source' });
      expect(blueOf(frames)).toEqual([0, 20, 40, 60, 80, 100]);
      for (const [i, time] of [0, 0.1, 0.2, 0.3, 0.8, 0.9].entries()) {
        expect(frames[i]!.time).toBeCloseTo(time, 3);
      }
      await expect(read(path, { timing: 'fast' as 'source' })).rejects.toMatchObject({
        code: 'invalid-option',
      });
    },
  );

  it('of an animated picture are read likewise', async () => {
    using folder = temporaryFolder();
    const pages = delays.map((_, i) => picture(8, 8, i % 6));
    const raw = { width: 8, height: 8 * pages.length, channels: 3, pageHeight: 8 } as const;
    const all = Buffer.concat(pages.map(({ data }) => Uint8Array.from(data)));
    const path = folder.join('held.webp');
    await sharp(all, { raw })
      .webp({ lossless: true, delay: delays.map((delay) => 1000 * delay) })
      .toFile(path);
    expect(await probeVideo(path)).toMatchObject({ fps: 10, frames: 10, variableRate: true });
    expect(blueOf((await read(path)).frames)).toEqual(shown.map((frame) => frame * 40));
    expect(timesOf((await read(path, { timing: 'source' })).frames)).toEqual([0, 0.1, 0.2, 0.3, 0.8, 0.9]);
  });

  it.skipIf(!hasFfmpeg)('that only waver are those of a constant rate, each given once', async () => {
    using folder = temporaryFolder();
    const path = await variable(folder, 'camera.mkv', 12, '(N+0.4*mod(N,2))/10');
    expect(await probeVideo(path)).toMatchObject({ variableRate: false, frames: 12 });
    expect(blueOf((await read(path)).frames)).toEqual(Array.from({ length: 12 }, (_, i) => i * 20));
  });
});

describe.skipIf(!hasFfmpeg)('a video', () => {
  it.each(['arib-std-b67', 'smpte2084'])(
    'in HDR (%s) is mapped to BT.709, and it is said',
    async (transfer) => {
      using folder = temporaryFolder();
      const linear =
        'zscale=tin=bt709:pin=bt709:min=gbr:rin=full:t=linear:p=bt709:m=gbr:npl=203,format=gbrpf32le';
      const hdr = `zscale=p=bt2020:t=${transfer}:m=bt2020nc:r=limited:npl=203,format=yuv420p10le`;
      const path = folder.join('hdr.mkv');
      const tags = ['-color_primaries', 'bt2020', '-color_trc', transfer, '-colorspace', 'bt2020nc'];
      ffmpeg(
        ...['-f', 'lavfi', '-i', 'color=c=#b07050:s=32x32:d=0.1', '-vf', `format=gbrp,${linear},${hdr}`],
        ...['-c:v', 'ffv1', ...tags, '-color_range', 'tv', path],
      );
      const { frames, warnings } = await read(path, { limit: 1 });
      for (const [i, value] of [0xb0, 0x70, 0x50].entries()) {
        expect(Math.abs(frames[0]!.image.data[i]! - value)).toBeLessThan(8);
      }
      expect(warnings).toEqual([expect.stringMatching(/hdr\.mkv is HDR: its colours are mapped/)]);

      // Without the filters it looks washed out, and a warning says so.
      wrapFfmpeg(folder.path, 'filters');
      const washed = await read(path, { limit: 1 });
      expect(washed.warnings).toEqual([expect.stringMatching(/washed out: this ffmpeg has no zscale/)]);
      expect(Math.abs(washed.frames[0]!.image.data[0]! - 0xb0)).toBeGreaterThan(15);
    },
  );

  it('is probed once, however often it is read', async () => {
    using folder = temporaryFolder();
    const path = folder.join('a.mp4');
    await writeVideo(
      path,
      [0, 1, 2].map((i) => picture(16, 16, i)),
      { fps: 10 },
    );
    const log = folder.join('log');
    mkdirSync(folder.join('bin'));
    const script = `#!/bin/sh\necho probed >> '${log}'\nPATH='${process.env.PATH}' exec ffprobe "$@"\n`;
    writeFileSync(folder.join('bin', 'ffprobe'), script, { mode: 0o755 });
    vi.stubEnv('PATH', `${folder.join('bin')}:${process.env.PATH}`);
    const video = await openVideo(path);
    const probes = readFileSync(log, 'utf8');
    expect(indicesOf(await collect(video.frames()))).toEqual([0, 1, 2]);
    expect(indicesOf(await collect(video.frames({ start: 1 })))).toEqual([1, 2]);
    expect(readFileSync(log, 'utf8')).toBe(probes);
  });

  it.each<[string, (source: string | Blob, signal: AbortSignal) => Promise<unknown>]>([
    ['openVideo', (source, signal) => openVideo(source, { signal })],
    ['probeVideo', (source, signal) => probeVideo(source, { signal })],
    ['readVideo', (source, signal) => readVideo(source, { signal }).next()],
  ])('that is aborted while %s looks into it leaves no program and no file behind', async (_, call) => {
    using folder = temporaryFolder();
    using temporary = temporaryFolder();
    const { path, blob } = await writeVideo(folder.join('a.mp4'), [picture(16, 16)], { fps: 10 });
    const inMemory = new Blob([await (await blob()).arrayBuffer()]);
    mkdirSync(folder.join('bin'));
    const pids = folder.join('pids');
    const script = `#!/bin/sh\n[ "$1" = -version ] && exit 0\necho $$ >> '${pids}'\nPATH='${process.env.PATH}' exec sleep 600\n`;
    writeFileSync(folder.join('bin', 'ffprobe'), script, { mode: 0o755 });
    vi.stubEnv('PATH', `${folder.join('bin')}:${process.env.PATH}`);
    vi.stubEnv('TMPDIR', temporary.path);
    const running = () => (existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n') : []);
    for (const source of [path, inMemory]) {
      writeFileSync(pids, '');
      const controller = new AbortController();
      const opening = call(source, controller.signal);
      await expect.poll(running).toHaveLength(2);
      for (const pid of running()) process.kill(Number(pid), 0);
      controller.abort();
      await expect(opening).rejects.toMatchObject({ code: 'aborted' });
      for (const pid of running()) expect(() => process.kill(Number(pid), 0)).toThrow(/ESRCH/);
      expect(readdirSync(temporary.path)).toEqual([]);
    }
    await expect(call(path, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
    expect(running()).toHaveLength(2);
  });

  it.each([
    ['90', [0, 1], [48, 32]],
    ['180', [1, 1], [32, 48]],
    ['270', [1, 0], [48, 32]],
  ] as const)('turned by %s degrees is upright', async (degrees, [right, lower], [width, height]) => {
    using folder = temporaryFolder();
    const [a, b] = [folder.join('a.mkv'), folder.join('b.mp4')];
    // White in the upper left corner as stored.
    const draw = 'color=c=black:s=32x48:d=0.1,drawbox=0:0:8:8:white:fill';
    ffmpeg('-f', 'lavfi', '-i', draw, '-c:v', 'libx264', a);
    ffmpeg('-i', a, '-c', 'copy', '-metadata:s:v', `rotate=${degrees}`, b);
    const reference = folder.join('b.png');
    ffmpeg('-i', b, '-frames:v', '1', reference);
    const [first] = (await read(b)).frames;
    expect([first!.image.width, first!.image.height]).toEqual([width, height]);
    const [x, y] = [right ? width - 3 : 2, lower ? height - 3 : 2];
    expect(first!.image.data[(y * width + x) * 3]).toBeGreaterThan(200);
    const expected = await sharp(reference).removeAlpha().raw().toBuffer();
    expect(meanDifference(first!.image, { width, height, data: expected })).toBeLessThan(2);
  });

  it('that is a playlist, a script of ffmpeg or an address is refused by name', async () => {
    using folder = temporaryFolder();
    await writeVideo(folder.join('real.mp4'), [picture(16, 16)], { fps: 10 });
    const scripts = {
      'list.m3u8': '#EXTM3U\n#EXTINF:1,\nreal.mp4\n',
      'list.mp4': '#EXTM3U\n#EXTINF:1,\nreal.mp4\n',
      'concat.mp4': 'ffconcat version 1.0\nfile real.mp4\n',
      'session.mp4': `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n`,
    };
    for (const [name, text] of Object.entries(scripts)) {
      const file = folder.join(name);
      writeFileSync(file, text);
      await expect(probeVideo(file), name).rejects.toMatchObject({
        code: 'media',
        file,
        hint: expect.stringMatching(/pass the video itself/),
      });
    }
    for (const address of ['http://127.0.0.1:9/a.mp4', 'concat://a.mp4', 'rtsp://127.0.0.1/a']) {
      await expect(probeVideo(address)).rejects.toMatchObject({ code: 'io', file: address });
    }
  });

  it('named .png, an animated PNG, is read whole', async () => {
    using folder = temporaryFolder();
    const path = folder.join('moving.png');
    ffmpeg('-f', 'lavfi', '-i', 'testsrc=s=32x32:r=10:d=0.5', '-f', 'apng', path);
    expect(await probeVideo(path)).toMatchObject({ frames: 5, fps: 10, width: 32, height: 32 });
    expect((await read(path)).frames).toHaveLength(5);
    const { PATH } = process.env;
    vi.stubEnv('PATH', folder.path);
    await expect(probeVideo(path)).rejects.toMatchObject({
      code: 'media',
      hint: expect.stringMatching(/ffmpeg/),
    });
    // Installed meanwhile, it is found.
    for (const name of ['ffmpeg', 'ffprobe'])
      writeFileSync(folder.join(name), `#!/bin/sh\nPATH='${PATH}' exec ${name} "$@"\n`, { mode: 0o755 });
    expect(await probeVideo(path)).toMatchObject({ frames: 5 });
  });
});

/** Puts an `ffmpeg` on the PATH that hides what it lists: `encoders` or `filters`. */
function wrapFfmpeg(folder: string, list: 'encoders' | 'filters'): void {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const script = `#!/bin/sh\nfor last; do :; done\n[ "$last" = "-${list}" ] && exit 0\nPATH='${process.env.PATH}' exec ffmpeg "$@"\n`;
  writeFileSync(join(bin, 'ffmpeg'), script);
  chmodSync(join(bin, 'ffmpeg'), 0o755);
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
}

describe.skipIf(!hasFfmpeg)('writing a video', () => {
  it('with an ffmpeg without the encoder is refused before the first frame is asked for', async () => {
    using folder = temporaryFolder();
    wrapFfmpeg(folder.path, 'encoders');
    for (const [name, encoder] of Object.entries({ 'a.mp4': 'libx264', 'a.webm': 'libvpx-vp9' })) {
      const path = folder.join(name);
      const asked = vi.fn();
      const frames = (function* () {
        asked();
        yield picture(16, 16);
      })();
      const refusal = { code: 'media', file: path, message: expect.stringContaining(encoder) };
      await expect(checkVideoOutput(path, { fps: 10 })).rejects.toMatchObject(refusal);
      await expect(writeVideo(path, frames, { fps: 10 })).rejects.toMatchObject(refusal);
      expect(asked).not.toHaveBeenCalled();
    }
  });

  it('where it may not be written says so, and nothing of encoders', async () => {
    // Not even root makes files there.
    const path = '/sys/a.mp4';
    if (!existsSync('/sys/kernel')) return;
    const error = await writeVideo(path, [picture(16, 16)], { fps: 10 }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'io', file: path });
    expect(String(error)).not.toMatch(/libx264|encoder/);
  });
});

describe('a long animated picture', () => {
  it('is read though all its frames together exceed the limit for a picture', async () => {
    using folder = temporaryFolder();
    const path = folder.join('long.webp');
    const side = 2048;
    const flat = (value: number) => ({
      width: side,
      height: side,
      data: new Uint8Array(side * side * 3).fill(value),
    });
    await writeVideo(path, [flat(10)], { fps: 10 });
    // The frame again and again: 70 of 4 million pixels, 294 million in all.
    const bytes = readFileSync(path);
    const frame = bytes.subarray(bytes.indexOf('ANMF'));
    const long = Buffer.concat([bytes, ...Array.from({ length: 69 }, () => frame)]);
    long.writeUInt32LE(long.length - 8, 4);
    writeFileSync(path, long);
    expect(await probeVideo(path)).toMatchObject({ width: side, height: side, frames: 70 });
    const { frames } = await read(path, { start: 68 });
    expect(indicesOf(frames)).toEqual([68, 69]);
    expect(frames[1]!.image.data[0]).toBe(10);
  });

  it('is written as GIF frame by frame, so that it needs no limit', async () => {
    using folder = temporaryFolder();
    const path = folder.join('a.gif');
    const sizes: number[] = [];
    const frames = (async function* () {
      for (let i = 0; i < 6; i++) {
        sizes.push(readdirSync(folder.path).reduce((sum, name) => sum + statSync(folder.join(name)).size, 0));
        yield picture(64, 64, i);
      }
    })();
    await writeVideo(path, frames, { fps: 10 });
    for (let i = 2; i < 6; i++) expect(sizes[i]! - sizes[i - 1]!).toBeGreaterThan(1000);
    const { frames: back } = await read(path);
    expect(timesOf(back)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    for (const { index, image } of back) {
      expect(meanDifference(image, picture(64, 64, index))).toBeLessThan(8);
    }
  });
});
