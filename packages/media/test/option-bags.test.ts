import { expect, it } from 'vitest';
import { writeFileAtomic } from '../src/files';
import {
  checkImageOutput,
  checkVideoOutput,
  openVideo,
  probeVideo,
  readImage,
  readVideo,
  writeImage,
  writeVideo,
} from '../src/node';

const picture = { width: 1, height: 1, data: new Uint8Array(3) };
const calls: Record<string, (wrong: object) => Promise<unknown>> = {
  writeImage: (wrong) => writeImage('nowhere.png', picture, wrong),
  checkImageOutput: (wrong) => checkImageOutput('nowhere.png', wrong),
  checkVideoOutput: (wrong) => checkVideoOutput('nowhere.webp', { fps: 25, ...wrong }),
  readImage: (wrong) => readImage('nowhere.png', wrong),
  openVideo: (wrong) => openVideo('nowhere.webp', wrong),
  probeVideo: (wrong) => probeVideo('nowhere.webp', wrong),
  readVideo: (wrong) => readVideo('nowhere.webp', wrong).next(),
  writeVideo: (wrong) => writeVideo('nowhere.webp', [], { fps: 25, ...wrong }),
};

it.each(Object.keys(calls))('%s refuses an option that it does not have', async (name) => {
  await expect(calls[name]!({ strat: 1 })).rejects.toMatchObject({
    code: 'invalid-option',
    message: `${name} takes no option "strat".`,
  });
});

it('asks back, and names what is missing', async () => {
  await expect(readVideo('nowhere.webp', { strat: 1 } as object).next()).rejects.toMatchObject({
    hint: 'Did you mean start?',
  });
  await expect(writeVideo('nowhere.webp', [], {} as never)).rejects.toThrow(/fps must be/);
  await expect(writeVideo('nowhere.webp', 'frames' as never, { fps: 25 })).rejects.toThrow(
    /frames of writeVideo/,
  );
});

it.each<[string, (path: string) => Promise<unknown>]>([
  ['writeImage', (path) => writeImage(path, picture)],
  ['checkImageOutput', (path) => checkImageOutput(path)],
  ['writeVideo', (path) => writeVideo(path, [picture], { fps: 25 })],
  ['checkVideoOutput', (path) => checkVideoOutput(path, { fps: 25 })],
  ['writeFileAtomic', (path) => writeFileAtomic(path, '')],
])('%s refuses what is no path', async (_, call) => {
  for (const wrong of [undefined, null, 7, '', 'a\0.png', new URL('file:///a.png')]) {
    await expect(call(wrong as string)).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringMatching(/^path must be the path of a file or folder/),
    });
  }
});

it.each<[string, (source: string) => Promise<unknown>]>([
  ['readImage', (source) => readImage(source)],
  ['readVideo', (source) => readVideo(source).next()],
  ['openVideo', (source) => openVideo(source)],
  ['probeVideo', (source) => probeVideo(source)],
])('%s refuses what is no file', async (_, call) => {
  for (const wrong of [undefined, null, 7, '', 'a\0.png', [], new Uint8Array(3)]) {
    await expect(call(wrong as string)).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringMatching(/^source must be a path, a file: URL, a File or a Blob, got/),
    });
  }
});
