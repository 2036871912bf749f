import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RgbImage } from '@faceanim/core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, missingChromium } from '../../../../tools/browser';
import { runInBrowser } from '../../../models/test/browser/support';
import type { VideoFrame, VideoInfo, WrittenVideo } from '../../src';
import { probeVideo, readImage, readVideo, writeImage, writeVideo } from '../../src/node';
import {
  collect,
  ffmpeg,
  ffprobe,
  hasFfmpeg,
  heard,
  meanDifference,
  noRgbImages,
  picture,
  temporaryFolder,
} from '../support/media';
import type { Call, Outcome } from './page';

/** When the frames of the call `timed` start. */
const irregular = [0, 0.03, 0.2, 0.25, 0.6, 0.7];

const reason = !findChromium() ? missingChromium : hasFfmpeg ? undefined : 'no ffmpeg: skipped';
const frames = [0, 1, 2, 3, 4, 5].map((i) => picture(48, 32, i));

interface ReadBack {
  info: VideoInfo;
  warnings: string[];
  frames: VideoFrame[];
}

describe.skipIf(reason)(reason ?? 'in a real browser', () => {
  const folder = temporaryFolder();
  let outcomes: Record<string, Outcome>;

  beforeAll(async () => {
    await makeFiles(folder.join);
    const entry = fileURLToPath(new URL('page.ts', import.meta.url));
    outcomes = await runInBrowser(entry, { files: served(folder.join) });
  }, 240_000);
  afterAll(() => folder[Symbol.dispose]());

  const given = <T>(call: Call): T => {
    const outcome = outcomes[call]!;
    if ('error' in outcome) throw new Error(`${call}: ${JSON.stringify(outcome.error)}`);
    return outcome.value as T;
  };
  const refused = (call: Call) => (outcomes[call] as { error?: object }).error;

  describe('a live stream', () => {
    it('gives its pictures as they come, counts those it skips, and goes on playing', () => {
      const { seen, ...stream } = given<{ seen: { index: number; time: number }[] }>('stream');
      expect(stream).toEqual({ size: [48, 32], sound: false, playing: true });
      expect(seen.map(({ index }) => index)).toEqual([0, 1, 2, 1, 3]);
      expect(seen[0]!.time).toBe(0);
      expect(seen[2]!.time).toBeGreaterThan(seen[1]!.time);
      for (const { size, greenAndBlue } of seen as unknown as Record<string, number[]>[]) {
        expect(size).toEqual([48, 32]);
        expect(Math.max(Math.abs(greenAndBlue![0]! - 100), Math.abs(greenAndBlue![1]! - 50))).toBeLessThan(4);
      }
    });

    it('ends when the stream ends', () => {
      expect(given('endingStream')).toBe(1);
    });

    it('can be aborted while no pictures come, and keeps no listener', () => {
      expect(given('abortedStream')).toEqual({ code: 'aborted', listeners: [] });
    });

    it('can be aborted before the first picture comes', () => {
      expect(refused('silentStream')).toMatchObject({ code: 'aborted' });
    });

    it('or file may be that of a video element, which is not played', () => {
      const { frames: read, ...rest } = given<{ frames: ReadBack }>('videoElement');
      expect(read.frames.map(({ index }) => index)).toEqual([0, 1]);
      expect(rest).toEqual({ size: [48, 32], paused: true });
      expect(refused('emptyVideoElement')).toMatchObject({ code: 'invalid-option' });
    });

    it('without a picture is a typed error', () => {
      expect(refused('emptyStream')).toMatchObject({
        code: 'media',
        hint: expect.stringMatching(/getUserMedia/),
      });
    });
  });

  describe('a picture', () => {
    it.each([
      ['upright', 'upright.jpg', {}, 2],
      ['transparent', 'transparent.png', {}, 1],
      ['square', 'wide.png', { size: 16 }, 4],
      ['shrunk', 'wide.png', { maxSide: 16 }, 4],
    ] as const)('comes out as in Node: %s', async (call, file, options, tolerance) => {
      const expected = await readImage(folder.join(file), options);
      const image = given<RgbImage>(call);
      expect([image.width, image.height]).toEqual([expected.width, expected.height]);
      expect(image.data).toHaveLength(expected.data.length);
      expect(meanDifference(image, expected)).toBeLessThanOrEqual(tolerance);
    });

    it('may be decoded already, and stays open', () => {
      const image = { width: 1, height: 1, data: [1, 2, 3] };
      expect(given('bitmap')).toEqual([image, image]);
    });

    it('that is too large for a canvas is a typed error that names the size', () => {
      for (const [call, file, size] of [
        ['tooLargePicture', '/wide.png', '70000x70000'],
        ['tooLargeToWrite', 'a.png', '65536x1'],
        ['noContext', '/wide.png', '48x24'],
      ] as const) {
        const message = `${file} at ${size} is too large for a canvas of this browser.`;
        expect(refused(call)).toMatchObject({ code: 'media', file, message });
      }
    });

    it('that is none is a typed error', () => {
      expect(refused('missingPicture')).toMatchObject({
        code: 'io',
        file: '/missing.png',
        message: '/missing.png could not be fetched: the server answered 404 Not Found.',
      });
      expect(refused('webPage')).toMatchObject({
        code: 'io',
        message:
          '/index.html could not be fetched: the server sent a web page; the address is probably wrong.',
      });
      expect(refused('noPicture')).toMatchObject({ code: 'media', file: 'x.png' });
      expect(refused('videoAsPicture')).toMatchObject({
        message: '/clip.mp4 is a video, not a picture.',
        hint: 'Choose a picture; readVideo reads the frames of a video.',
      });
      expect(refused('heic')).toMatchObject({
        code: 'media',
        message: expect.stringMatching(/a HEIC picture/),
      });
      expect(refused('noSource')).toMatchObject({ code: 'invalid-option' });
      expect(refused('misspeltSize')).toMatchObject({ code: 'invalid-option', hint: 'Did you mean size?' });
    });
  });

  describe('a video', () => {
    it.each([
      ['mp4', 'video', 5],
      ['webm', 'video', 6],
      ['webp', 'animation', 4],
      ['gif', 'animation', 8],
    ] as const)('comes back frame by frame: %s', (call, kind, tolerance) => {
      const { info, warnings, frames: back } = given<ReadBack>(call);
      expect(info).toMatchObject({ width: 48, height: 32, frames: 6, variableRate: false, kind });
      expect(info.fps).toBeCloseTo(20, 5);
      expect(warnings).toEqual([]);
      expect(back.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
      for (const { index, time, image } of back) {
        expect(time).toBeCloseTo(index / 20, 5);
        expect(meanDifference(image, frames[index]!)).toBeLessThanOrEqual(tolerance);
      }
    });

    it('gives every n-th frame from a start, and can be read again', () => {
      const { frames: part } = given<ReadBack>('part');
      expect(part.map(({ index }) => index)).toEqual([1, 3]);
      for (const { index, image } of part) {
        expect(meanDifference(image, frames[index]!)).toBeLessThanOrEqual(5);
      }
      expect(given('twice')).toEqual([0, 1, 4, 5]);
    });

    it('is shown upright', async () => {
      expect(given('turned')).toMatchObject({ width: 32, height: 48 });
      const [first] = given<ReadBack>('turnedFrames').frames;
      const [expected] = await collect(readVideo(folder.join('turned.mp4'), { limit: 1 }));
      expect(meanDifference(first!.image, expected!.image)).toBeLessThan(4);
    });

    it('with irregular times is read as in Node', async () => {
      for (const [call, timing] of [
        ['irregular', 'constant'],
        ['irregularAsStored', 'source'],
      ] as const) {
        const { info, frames: back } = given<ReadBack>(call);
        const expected = await collect(readVideo(folder.join('irregular.mkv'), { timing }));
        expect(info).toMatchObject({ variableRate: true, frames: 10 });
        expect(back.map(({ index }) => index)).toEqual(expected.map(({ index }) => index));
        for (const [i, { time, image }] of expected.entries()) {
          expect(back[i]!.time).toBeCloseTo(time, 3);
          expect(meanDifference(back[i]!.image, image)).toBeLessThan(5);
        }
      }
    });

    it('that changes its size is scaled to the first, and it is said once', () => {
      const { frames: back, warnings } = given<ReadBack>('resized');
      expect(back.map(({ image }) => `${image.width}x${image.height}`)).toEqual(Array(8).fill('64x64'));
      expect(warnings).toEqual([expect.stringMatching(/^\/resized\.webm changes its size/)]);
      expect(given<ReadBack>('resized').info.sound).toBe(true);
    });

    it('in HDR says so', () => {
      expect(given<ReadBack>('hdr').warnings).toEqual([
        expect.stringMatching(/^\/hdr\.webm is HDR: .* sRGB/),
      ]);
    });

    it('may be a still picture: one frame', async () => {
      const { info, frames: back } = given<ReadBack>('still');
      expect(info).toMatchObject({ frames: 1, kind: 'animation', width: 48, height: 24 });
      expect(meanDifference(back[0]!.image, await readImage(folder.join('wide.png')))).toBe(0);
    });

    it('that is none, or not whole, is a typed error', () => {
      expect(refused('cutOff')).toMatchObject({
        code: 'media',
        file: '/cut-off.mp4',
        frame: expect.any(Number),
      });
      expect(refused('cutOffWebp')).toMatchObject({ code: 'media', file: '/cut-off.webp' });
      expect(refused('noVideo')).toMatchObject({ code: 'media', file: 'a.mp4' });
      for (const [asked, file] of [
        ['emptyPicture', 'a.png'],
        ['emptyVideo', 'a.mp4'],
      ] as const)
        expect(refused(asked)).toMatchObject({ code: 'media', message: `${file} is empty: it has 0 bytes.` });
      expect(refused('playlist')).toMatchObject({
        code: 'media',
        message: expect.stringMatching(/a playlist/),
      });
      expect(refused('soundOnly')).toMatchObject({
        code: 'media',
        message: expect.stringMatching(/no video/),
      });
      expect(refused('oldCodec')).toMatchObject({ code: 'media', hint: 'Convert it to H.264 or VP9.' });
      expect(refused('missingVideo')).toMatchObject({ code: 'io', file: '/missing.mp4' });
      expect(refused('beyondTheEnd')).toMatchObject({ code: 'media', file: '/clip.mp4' });
      expect(refused('misspeltStart')).toMatchObject({ code: 'invalid-option', hint: 'Did you mean start?' });
      expect(refused('withoutWebCodecs')).toMatchObject({
        code: 'media',
        message: '/clip.mp4 needs VideoDecoder of WebCodecs, which is missing here.',
      });
      expect(refused('abortedReading')).toMatchObject({ code: 'aborted', frame: 3 });
    });

    it('stops being opened when the signal fires', () => {
      for (const call of ['abortedOpening', 'abortedProbing', 'abortedBefore'] as const) {
        expect(refused(call), call).toMatchObject({ code: 'aborted' });
      }
      expect(given('abortedWhileDecoding')).toEqual({ code: 'aborted', decoded: 1 });
    });

    it('leaves no frame open when drawing fails', () => {
      for (const [call, file] of [
        ['failingPicture', '/clip.webp'],
        ['failingSample', '/clip.mp4'],
      ] as const) {
        const error = `media: ${file} at 48x32 is too large for a canvas of this browser.`;
        expect(given(call)).toEqual({ error, drawn: 1, open: 0 });
      }
    });
  });

  describe('writing a video', () => {
    it.each([
      ['writtenMp4', 'out.mp4', 'video/mp4', 'h264'],
      ['writtenWebm', 'out.WebM', 'video/webm', 'vp9'],
    ] as const)('gives one that the browser and ffmpeg read: %s', async (call, path, type, extension) => {
      const report = given<
        WrittenVideo & { type: string; told: object[]; bytes: number[]; back: VideoFrame[] }
      >(call);
      expect(report).toMatchObject({ path, frames: 6, kind: 'video', type });
      expect(report.told).toEqual(frames.map((_, frame) => ({ stage: 'write', frame })));
      const file = folder.join(`written.${extension}`);
      writeFileSync(file, Uint8Array.from(report.bytes));
      expect(await probeVideo(file)).toMatchObject({ width: 48, height: 32, fps: 20, frames: 6 });
      for (const back of [report.back, await collect(readVideo(file))]) {
        expect(back).toHaveLength(6);
        for (const { index, image } of back) {
          expect(meanDifference(image, frames[index]!)).toBeLessThanOrEqual(5);
        }
      }
    });

    it.each([
      ['writtenGif', 'out.gif', 'image/gif', 12],
      ['writtenAnimatedWebp', 'out.webp', 'image/webp', 5],
    ] as const)(
      'gives an animated picture that the browser and Node read: %s',
      async (call, path, type, most) => {
        const report = given<
          WrittenVideo & { type: string; told: object[]; bytes: number[]; back: VideoFrame[] }
        >(call);
        expect(report).toMatchObject({ path, frames: 6, kind: 'animation', type });
        expect(report.told).toHaveLength(6);
        const file = folder.join(path);
        writeFileSync(file, Uint8Array.from(report.bytes));
        expect(Buffer.from(report.bytes).toString('latin1'), 'says who made it').toContain(
          'trainedAlgorithmicMedia',
        );
        expect(await probeVideo(file)).toMatchObject({ width: 48, height: 32, fps: 20, frames: 6 });
        for (const back of [report.back, await collect(readVideo(file))]) {
          expect(back).toHaveLength(6);
          for (const { index, image } of back)
            expect(meanDifference(image, frames[index]!)).toBeLessThanOrEqual(most);
        }
      },
    );

    it('leaves out frames of a GIF that are too short for it, and its sound', async () => {
      const plain = Buffer.from(given<number[]>('plainGif'));
      expect(plain.toString('latin1')).not.toContain('trainedAlgorithmicMedia');
      expect((await sharp(plain, { animated: true }).metadata()).delay).toEqual([20, 20, 20]);
      const warnings = ['a.gif has no sound: only .mp4 and .webm can have it.'];
      expect(given('gifWithSound')).toMatchObject({ warnings });
    });

    it('makes odd sizes even', () => {
      expect(given('oddSize')).toMatchObject({ width: 16, height: 18, frames: 1, fps: 20 });
    });

    it.each([
      ['copiedSound', 'copied.mp4', 'aac', 0.2],
      ['cutSound', 'cut.webm', 'opus', 0],
    ] as const)('gives it sound, in sync and as long as the frames: %s', (call, name, codec, beep) => {
      const { warnings, bytes } = given<{ warnings: string[]; bytes: number[] }>(call);
      expect(warnings).toEqual([]);
      const file = folder.join(name);
      writeFileSync(file, Uint8Array.from(bytes));
      expect(ffprobe(file, 'a', 'stream=codec_name')).toEqual([[codec]]);
      const sound = heard(file);
      expect(Math.abs(sound.beep - beep)).toBeLessThan(0.015);
      expect(Math.abs(sound.end - 0.3)).toBeLessThan(0.03);
    });

    it('without sound in the source says so, and refuses a source that cannot be read', () => {
      for (const call of ['silentSource', 'soundOfAnimation'] as const)
        expect(given(call)).toMatchObject({ warnings: ['a.mp4 has no sound: its source has none.'] });
      expect(refused('soundOfNothing')).toMatchObject({ code: 'io', file: '/missing.mp4' });
      expect(refused('soundOfText')).toMatchObject({ code: 'media', file: 'a.mp3' });
    });

    it('keeps irregular times', () => {
      for (const [i, time] of given<number[]>('timed').entries()) expect(time).toBeCloseTo(irregular[i]!, 3);
      expect(refused('fpsAndTimes')).toMatchObject({ code: 'invalid-option' });
    });

    it('refuses what cannot be written, and lets errors of the frames pass', () => {
      expect(refused('noFrames')).toMatchObject({ code: 'media', file: 'a.mp4' });
      expect(refused('differingSizes')).toMatchObject({ code: 'media', frame: 1 });
      expect(refused('failingFrames')).toMatchObject({ message: 'diverged' });
      expect(refused('noRate')).toMatchObject({ code: 'invalid-option' });
      expect(refused('textAsRate')).toMatchObject({
        code: 'invalid-option',
        message: 'fps must be a number above 0 and at most 1000, got "20".',
      });
      for (const [i, [, said]] of Object.values(noRgbImages).entries()) {
        expect(given<string[]>('noRgbFrames')[i]).toContain(`invalid-option: Frame 1 for a.mp4 ${said}`);
      }
      expect(refused('noPath')).toMatchObject({ code: 'invalid-option' });
      expect(refused('videoAsMov')).toMatchObject({
        code: 'invalid-option',
        message: 'a.mov is in no format that browsers write.',
        hint: 'Use .mp4, .webm, .gif or .webp.',
      });
      expect(refused('animationWithoutWebpEncoder')).toMatchObject({
        code: 'media',
        hint: 'Use .gif or .mp4, or another browser.',
      });
      expect(refused('withoutEncoders')).toMatchObject({
        code: 'media',
        message: expect.stringMatching(/needs VideoEncoder of WebCodecs/),
      });
      expect(given('withoutThisEncoder')).toBe(
        'a.mp4 needs an encoder for H.264, which this browser does not have.',
      );
      expect(refused('abortedWriting')).toMatchObject({ code: 'aborted', frame: 2 });
    });
  });

  describe('writing a picture', () => {
    it.each([
      ['writtenPng', 'a.png', 'image/png', 0],
      ['writtenJpeg', 'a.JPG', 'image/jpeg', 2],
      // Lossless too, but Chromium adds a colour profile, whose conversion rounds a few values otherwise.
      ['writtenWebp', 'a.webp', 'image/webp', 0.01],
    ] as const)('gives one that Node reads: %s', async (call, path, type, tolerance) => {
      const report = given<{ type: string; path: string; bytes: number[] }>(call);
      expect(report).toMatchObject({ path, type });
      const image = await readImage(new Blob([Uint8Array.from(report.bytes)]));
      expect(meanDifference(image, frames[0]!)).toBeLessThanOrEqual(tolerance);
    });

    it('refuses what it cannot write', () => {
      for (const call of ['pictureAsBmp', 'checkedBmp', 'misspeltOverwrite'] as const) {
        expect(refused(call), call).toMatchObject({ code: 'invalid-option' });
      }
      for (const [i, [, said]] of Object.values(noRgbImages).entries()) {
        expect(given<string[]>('noRgbPicture')[i]).toContain(`invalid-option: image ${said}`);
      }
      expect(refused('withoutWebpEncoder')).toMatchObject({
        code: 'media',
        message: 'a.webp needs an encoder for image/webp, which this browser does not have.',
      });
    });
  });

  it('checks before the work what can be written', () => {
    expect(given('checkedVideo')).toBe('video');
    given('checkedImage');
    expect(given('checkedGif')).toBe('animation');
    expect(refused('checkedMov')).toMatchObject({ code: 'invalid-option', file: 'a.mov' });
    expect(refused('checkedRate')).toMatchObject({ code: 'invalid-option' });
    expect(refused('checkedWithoutEncoders')).toMatchObject({ code: 'media', file: 'a.mp4' });
  });

  it('works in a worker', () => {
    expect(given('inWorker')).toBe(6);
  });
});

type Join = (...names: string[]) => string;

const names = [
  ...['upright.jpg', 'transparent.png', 'wide.png', 'clip.mp4', 'clip.webm', 'clip.webp', 'clip.gif'],
  ...[
    'turned.mp4',
    'irregular.mkv',
    'resized.webm',
    'hdr.webm',
    'cut-off.mp4',
    'cut-off.webp',
    'sound.mp4',
    'beep.mp4',
    'old-codec.mp4',
  ],
];

function served(join: Join): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`/${name}`, join(name)]));
}

async function makeFiles(join: Join): Promise<void> {
  const { data, ...size } = picture(40, 20);
  await sharp(data, { raw: { ...size, channels: 3 } })
    .withMetadata({ orientation: 6 })
    .jpeg({ chromaSubsampling: '4:4:4' })
    .toFile(join('upright.jpg'));
  const alpha = Buffer.from(Array.from({ length: 64 * 4 }, (_, i) => (i * 7) % 256));
  await sharp(alpha, { raw: { width: 8, height: 8, channels: 4 } }).toFile(join('transparent.png'));
  await writeImage(join('wide.png'), picture(48, 24));
  for (const name of ['clip.mp4', 'clip.webm', 'clip.webp', 'clip.gif']) {
    await writeVideo(join(name), frames, { fps: 20 });
  }
  ffmpeg('-i', join('clip.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=90', join('turned.mp4'));
  const beep = "aevalsrc='0.8*sin(2*PI*1000*t)*between(t,0.2,0.3)':s=48000:d=0.6";
  ffmpeg('-i', join('clip.mp4'), '-f', 'lavfi', '-i', beep, '-c:v', 'copy', '-c:a', 'aac', join('beep.mp4'));
  const starts = 'if(lt(N,4),N,N+4)/10';
  ffmpeg(
    ...['-i', join('clip.mp4'), '-vf', `settb=1/1000,setpts='1000*(${starts})'`, '-vsync', 'passthrough'],
    ...['-c:v', 'libx264', '-qp', '4', '-bf', '0', join('irregular.mkv')],
  );
  for (const [name, side] of [
    ['large', 64],
    ['small', 32],
  ] as const) {
    ffmpeg(
      '-f',
      'lavfi',
      '-i',
      `testsrc=s=${side}x${side}:r=10:d=0.4`,
      '-c:v',
      'libvpx',
      join(`${name}.webm`),
    );
  }
  // Frames of another size after the first four, as a recorder writes them when a window is resized.
  writeFileSync(join('sizes.txt'), "file 'large.webm'\nfile 'small.webm'\n");
  ffmpeg(
    ...['-f', 'concat', '-i', join('sizes.txt'), '-f', 'lavfi', '-i', 'sine=d=0.8'],
    ...['-c:v', 'copy', '-c:a', 'libopus', join('resized.webm')],
  );
  ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=128x128:r=25:d=2', '-movflags', 'faststart', join('whole.mp4'));
  writeFileSync(join('cut-off.mp4'), firstHalf(join('whole.mp4')));
  writeFileSync(join('cut-off.webp'), firstHalf(join('clip.webp')));
  const tags = ['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'];
  ffmpeg(
    ...['-f', 'lavfi', '-i', 'testsrc=s=64x64:r=10:d=0.2', '-pix_fmt', 'yuv420p10le', '-c:v', 'libvpx-vp9'],
    ...['-profile:v', '2', ...tags, join('hdr.webm')],
  );
  ffmpeg('-f', 'lavfi', '-i', 'sine=duration=0.2', join('sound.mp4'));
  ffmpeg('-f', 'lavfi', '-i', 'testsrc=s=32x32:r=10:d=0.2', '-c:v', 'mpeg4', join('old-codec.mp4'));
}

function firstHalf(path: string): Uint8Array {
  const whole = readFileSync(path);
  return whole.subarray(0, whole.length >> 1);
}
