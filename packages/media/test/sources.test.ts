import { openAsBlob, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openVideo, probeVideo, readImage, readVideo, writeImage, writeVideo } from '../src/node';
import { collect, hasFfmpeg, meanDifference, picture, temporaryFolder } from './support/media';

const frames = [0, 1, 2, 3].map((i) => picture(48, 32, i));

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a file: URL', () => {
  it('is read as its path', async () => {
    using folder = temporaryFolder();
    const { path } = await writeImage(folder.join('ä b.png'), frames[1]!);
    expect(meanDifference(await readImage(pathToFileURL(path)), frames[1]!)).toBe(0);
    await writeVideo(folder.join('frames'), frames, { fps: 25 });
    expect(await probeVideo(pathToFileURL(folder.join('frames')))).toMatchObject({ frames: 4 });
    const missing = folder.join('none.png');
    await expect(readImage(pathToFileURL(missing))).rejects.toMatchObject({ code: 'io', file: missing });
  });

  it('of another computer is refused', async () => {
    await expect(readImage(new URL('file:///a%2Fb.png'))).rejects.toMatchObject({
      code: 'io',
      message: 'file:///a%2Fb.png names no file on this computer.',
    });
  });
});

it.each([
  'https://example.org/a.png',
  'file:///a.png',
  new URL('https://example.org/a.png'),
  new URL('data:,x'),
])('an address is refused, with the way out: %s', async (address) => {
  for (const call of [readImage, openVideo]) {
    await expect(call(address)).rejects.toMatchObject({
      code: 'io',
      message: `${address} is an address, not a file.`,
      hint: expect.stringMatching(/fetch\(address\)/),
    });
  }
});

it('a long address is shortened in errors', async () => {
  await expect(readImage(new URL(`data:,${'x'.repeat(1000)}`))).rejects.toMatchObject({
    message: expect.stringMatching(/^data:,x{54}… is an address/),
  });
});

describe('a File or Blob', () => {
  it('is read as a picture, and errors name it', async () => {
    using folder = temporaryFolder();
    const { path } = await writeImage(folder.join('a.png'), frames[2]!);
    const blob = new Blob([readFileSync(path)]);
    expect(meanDifference(await readImage(blob), frames[2]!)).toBe(0);
    const image = await readImage(blob, { size: 16 });
    expect([image.width, image.height]).toEqual([16, 16]);
    await expect(readImage(new File(['x'], 'x.png'))).rejects.toMatchObject({ code: 'media', file: 'x.png' });
    await expect(readImage(new Blob(['x']))).rejects.toMatchObject({ code: 'media', file: 'blob' });
  });

  it('of a file that has changed since is a typed error', async () => {
    using folder = temporaryFolder();
    const { path, blob } = await writeImage(folder.join('a.png'), frames[2]!);
    const before = await blob();
    writeFileSync(path, 'longer than before'.repeat(1000));
    for (const call of [readImage, probeVideo]) {
      await expect(call(before)).rejects.toMatchObject({ code: 'io', file: 'blob' });
    }
  });

  it('is read as an animated picture', async () => {
    using folder = temporaryFolder();
    const { blob } = await writeVideo(folder.join('a.webp'), frames, { fps: 20 });
    const video = await openVideo(await blob());
    expect(video.info).toMatchObject({ width: 48, height: 32, frames: 4, kind: 'animation' });
    expect(await collect(video.frames())).toHaveLength(4);
    await expect(probeVideo(new File(['#EXTM3U\n'], 'list.mp4'))).rejects.toMatchObject({
      code: 'media',
      file: 'list.mp4',
    });
  });

  it.skipIf(!hasFfmpeg)('is read as a video, any number of times, and leaves no file behind', async () => {
    using folder = temporaryFolder();
    using temporary = temporaryFolder();
    const { path } = await writeVideo(folder.join('a.mp4'), frames, { fps: 20 });
    vi.stubEnv('TMPDIR', temporary.path);
    const blob = new Blob([readFileSync(path)]);
    const wholeInMemory = vi.spyOn(blob, 'arrayBuffer');
    const video = await openVideo(blob);
    expect(video.info).toEqual(await probeVideo(path));
    const expected = await collect(readVideo(path));
    for (let round = 0; round < 2; round++) expect(await collect(video.frames())).toEqual(expected);
    for await (const _ of video.frames()) {
      expect(readdirSync(temporary.path)).toHaveLength(1);
      break;
    }
    expect(readdirSync(temporary.path)).toEqual([]);
    expect(wholeInMemory).not.toHaveBeenCalled();
  });

  it.skipIf(!hasFfmpeg)('of a video that has changed after it was opened is a typed error', async () => {
    using folder = temporaryFolder();
    using temporary = temporaryFolder();
    const { path } = await writeVideo(folder.join('a.mp4'), frames, { fps: 20 });
    vi.stubEnv('TMPDIR', temporary.path);
    const video = await openVideo(await openAsBlob(path));
    writeFileSync(path, 'changed');
    await expect(collect(video.frames())).rejects.toMatchObject({ code: 'io', file: 'blob' });
    expect(readdirSync(temporary.path)).toEqual([]);
  });

  it.skipIf(!hasFfmpeg)('that is no video, or not whole, is an error with its name', async () => {
    using folder = temporaryFolder();
    using temporary = temporaryFolder();
    const noise = frames.map(({ data, ...size }) => ({ ...size, data: data.map((v, i) => v ^ (i * 7919)) }));
    const { path } = await writeVideo(folder.join('a.mp4'), noise, { fps: 20 });
    const whole = readFileSync(path);
    vi.stubEnv('TMPDIR', temporary.path);
    const none = await probeVideo(new File(['no video'], 'b.mp4')).catch((error: unknown) => error);
    expect(none).toMatchObject({ code: 'media', file: 'b.mp4' });
    expect(String(none)).not.toContain(temporary.path);
    const half = new File([whole.subarray(0, whole.length >> 1)], 'c.mp4');
    await expect(collect(readVideo(half))).rejects.toMatchObject({ code: 'media', file: 'c.mp4' });
    expect(readdirSync(temporary.path)).toEqual([]);
    writeFileSync(folder.join('d.mp4'), '');
    vi.stubEnv('TMPDIR', folder.join('d.mp4'));
    await expect(probeVideo(new Blob([whole]))).rejects.toMatchObject({ code: 'io' });
  });
});
