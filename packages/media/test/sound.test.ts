import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkVideoOutput, probeVideo, readVideo, type WriteVideoOptions, writeVideo } from '../src/node';
import { collect, ffmpeg, ffprobe, hasFfmpeg, heard, picture, temporaryFolder } from './support/media';

/** Seconds, of 1.2, at which the clips flash and beep; 10 frames a second. */
const flash = 0.6;
const frames = [
  '-f',
  'lavfi',
  '-i',
  "color=black:s=32x32:r=10:d=1.2,drawbox=t=fill:c=white:enable='eq(n,6)'",
];
const beeping = (seconds: number, at = flash) => [
  ...['-f', 'lavfi', '-i'],
  `aevalsrc='0.8*sin(2*PI*1000*t)*between(t,${at},${at + 0.1})':s=48000:d=${seconds}`,
];

/** Writes the frames of a clip from one on, with its sound. */
async function copy(source: string, path: string, from = 0, options: Partial<WriteVideoOptions> = {}) {
  const read = await collect(readVideo(source, { start: from, timing: 'source' }));
  const warnings: string[] = [];
  const images = read.map(({ image }) => image);
  const audio = { source, start: read[0]!.time };
  const onWarning = (text: string) => warnings.push(text);
  await writeVideo(path, images, { ...(options.times ? {} : { fps: 10 }), audio, onWarning, ...options });
  return warnings;
}

describe.skipIf(!hasFfmpeg)('the sound of a video', () => {
  const folder = temporaryFolder();
  const plain = folder.join('plain.mp4');
  beforeAll(() => ffmpeg(...frames, ...beeping(1.2), '-c:a', 'aac', plain));
  afterAll(() => folder[Symbol.dispose]());

  it('is copied as it is where the container takes it, and ends with the frames', async () => {
    expect(await probeVideo(plain)).toMatchObject({ sound: true });
    const out = folder.join('copied.mp4');
    const images = (await collect(readVideo(plain, { limit: 8 }))).map(({ image }) => image);
    // A source in memory, too.
    const source = await (
      await writeVideo(folder.join('in.mp4'), images, { fps: 10, audio: { source: plain } })
    ).blob();
    await writeVideo(out, images, { fps: 10, audio: { source } });
    const packets = (path: string) => ffprobe(path, 'a', 'packet=size').slice(0, 30);
    expect(packets(out)).toEqual(packets(plain));
    const { beep, end } = heard(out);
    expect(Math.abs(beep - flash)).toBeLessThan(0.015);
    expect(Math.abs(end - 0.8)).toBeLessThan(0.03);
    expect(Number(ffprobe(out, 'v', 'stream=duration')[0]![0])).toBeCloseTo(0.8, 3);
  });

  it('may have several tracks and channels, start later and end early: it is cut and encoded in sync', async () => {
    const source = folder.join('odd.mkv');
    const later = beeping(0.8, flash - 0.2);
    ffmpeg(
      ...[...frames, '-itsoffset', '0.2', ...later, ...beeping(1.2, 0)],
      ...['-map', '0:v', '-map', '1:a', '-map', '2:a', '-c:a', 'ac3', '-ac:a:0', '6', source],
    );
    const out = folder.join('cut.mp4');
    expect(await copy(source, out, 3)).toEqual([]);
    expect(ffprobe(out, 'a', 'stream=codec_name,channels')).toEqual([['aac', '2']]);
    const { beep, end } = heard(out);
    expect(Math.abs(beep - 0.3)).toBeLessThan(0.015);
    expect(Math.abs(end - 0.9)).toBeLessThan(0.03);
  });

  it('stays in sync with frames at irregular times, which are kept', async () => {
    const source = folder.join('irregular.mkv');
    const times = [0, 0.033, 0.05, 0.3, 0.4, 0.51, 0.6, 0.71, 0.75, 0.95, 1, 1.1];
    const setpts = times.map((time, i) => `eq(N,${i})*${time}`).join('+');
    const irregular = [
      '-vf',
      `settb=1/1000,setpts='1000*(${setpts})'`,
      '-vsync',
      'passthrough',
      '-enc_time_base',
      '1:1000',
    ];
    ffmpeg(...frames, ...beeping(1.2), ...irregular, '-c:v', 'libx264', '-c:a', 'aac', source);
    const info = await probeVideo(source);
    expect(info.variableRate).toBe(true);
    expect(info.times).toHaveLength(12);
    const out = folder.join('timed.mp4');
    expect(await copy(source, out, 0, { times: info.times })).toEqual([]);
    const back = await collect(readVideo(out, { timing: 'source' }));
    for (const [i, { time }] of back.entries()) expect(time).toBeCloseTo(times[i]!, 3);
    expect(back.findIndex(({ image }) => image.data[1]! > 128)).toBe(6);
    expect(Math.abs(heard(out).beep - flash)).toBeLessThan(0.015);
    // A player would leave out what is beyond the length that MP4 states.
    expect(Number(ffprobe(out, 'v', 'stream=duration')[0]![0])).toBeGreaterThan(times.at(-1)!);
  });

  it('that is missing, or has no place, is said, and the video is written', async () => {
    const silent = folder.join('silent.mp4');
    const said = (path: string, source: string, images = [picture(16, 16)]) => {
      const warnings: string[] = [];
      const options = { fps: 10, audio: { source }, onWarning: (text: string) => warnings.push(text) };
      return writeVideo(folder.join(path), images, options).then(() => warnings);
    };
    await writeVideo(silent, [picture(16, 16)], { fps: 10 });
    expect(await probeVideo(silent)).toMatchObject({ sound: false });
    expect(await said('a.gif', plain)).toEqual([
      `${folder.join('a.gif')} has no sound: only .mp4, .mov, .mkv and .webm can have it.`,
    ]);
    expect(await said('a.mp4', silent)).toEqual([
      `${folder.join('a.mp4')} has no sound: its source has none.`,
    ]);

    // Lost while the frames were made.
    const lost = folder.join('lost.mp4');
    ffmpeg('-i', plain, '-c', 'copy', lost);
    const images = (function* () {
      yield picture(16, 16);
      rmSync(lost);
    })();
    expect(await said('b.mp4', lost, images as never)).toEqual([
      expect.stringMatching(/b\.mp4 has no sound: .*lost\.mp4 cannot be used/),
    ]);
    expect(await probeVideo(folder.join('b.mp4'))).toMatchObject({ frames: 1, sound: false });
  });

  it('that cannot be read is an error before the work', async () => {
    const check = (source: unknown) =>
      checkVideoOutput(folder.join('c.mp4'), { fps: 10, audio: { source: source as string } });
    await expect(check(folder.join('nowhere.mp4'))).rejects.toMatchObject({
      code: 'io',
      file: folder.join('nowhere.mp4'),
    });
    await expect(check(folder.path)).rejects.toMatchObject({ code: 'io', file: folder.path });
    await expect(check(7)).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringMatching(/^audio\.source must be/),
    });
    await expect(check(new Blob(['no sound']))).rejects.toMatchObject({ code: 'media', file: 'blob' });
  });
});

describe('times of frames', () => {
  const write = (options: object) =>
    writeVideo('nowhere.webp', [picture(4, 4), picture(4, 4)], options as WriteVideoOptions);

  it.each([
    [{ times: [0.1, 0.2] }, 'times must be a list of seconds, rising from 0'],
    [{ times: [0, 0] }, 'times must be a list of seconds, rising from 0'],
    [{ times: [0, Number.NaN] }, 'times must be a list of seconds, rising from 0'],
    [{ times: [0] }, 'times must be one for each frame, got "1 times"'],
    [{ times: [0, 1], fps: 5 }, 'fps and times exclude each other.'],
  ])('that are none are refused: %j', async (options, message) => {
    await expect(write(options)).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining(message),
    });
  });

  it('are those of an animated picture', async () => {
    using folder = temporaryFolder();
    for (const name of ['a.webp', 'a.gif']) {
      const images = [0, 1, 2].map((i) => picture(8, 8, i));
      await writeVideo(folder.join(name), images, { times: [0, 0.1, 0.6, 0.7] });
      const info = await probeVideo(folder.join(name));
      expect(info).toMatchObject({ variableRate: true, times: [0, 0.1, 0.6], sound: false });
    }
  });
});
