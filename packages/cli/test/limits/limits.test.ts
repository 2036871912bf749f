import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeImage } from '@faceanim/media';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkLimits, type LimitFlags, withinLimits } from '../../src/limits/limits';
import { demoDriver, demoLook, faceanim, temporaryFolder } from '../support';

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const arrays = fileURLToPath(new URL('../../../models/assets/avatar/encoder.safetensors', import.meta.url));
const driver = { name: '--driver', path: demoDriver };
const look = { name: '--look', path: demoLook };
const generator = (file: string) => ({ name: '--generator', path: file });

beforeAll(async () => {
  mkdirSync(path('frames'));
  const image = { width: 64, height: 32, data: new Uint8Array(64 * 32 * 3) };
  for (const name of ['0.png', '1.png']) await writeImage(path(`frames/${name}`), image);
  cpSync(demoLook, path('frames/2.png'));
  writeFileSync(path('frames/notes.txt'), 'not a picture');
  // A PNG that claims to have 60,000 pixels a side, and holds none of them.
  const huge = 'iVBORw0KGgoAAAANSUhEUgAA6mAAAOpgCAIAAAAPsOIVAAAADElEQVR4nGNgoD0AAABkAAGGZDw1AAAAAElFTkSuQmCC';
  writeFileSync(path('huge.png'), Buffer.from(huge, 'base64'));
  writeFileSync(path('weights.pth'), Buffer.from('PK\x03\x04 a zip', 'latin1'));
});

describe('limits', () => {
  it('let through what keeps to them, and everything without them', async () => {
    await checkLimits([driver, look, generator(path('weights.pth'))], {});
    const limits = { maxPixels: 2 ** 20, maxSeconds: 2, maxBytes: 2 ** 24, checkpoints: 'arrays' } as const;
    await checkLimits([driver, look, generator(arrays)], limits);
    // With a file that is no frame.
    await checkLimits([{ ...driver, path: path('frames') }], limits);
  });

  it.each([
    [
      'pixels of a frame',
      [driver],
      { maxPixels: 200_000 },
      'too-large',
      /--driver .* has 200704 pixels, more than/,
    ],
    ['pixels of the look', [look], { maxPixels: 1000 }, 'too-large', /--look .* pixels/],
    ['seconds', [driver], { maxSeconds: 1.5 }, 'too-large', /has 2 seconds, more than 1.5/],
    ['bytes', [driver], { maxBytes: 1000 }, 'too-large', /170748 bytes/],
    [
      'a pickle',
      [generator(path('weights.pth'))],
      { checkpoints: 'arrays' },
      'invalid-option',
      /may hold pickles/,
    ],
    ['no checkpoint', [generator(demoLook)], { checkpoints: 'arrays' }, 'checkpoint-corrupt', /PNG image/],
    [
      'a picture that is never decoded',
      [{ ...look, path: path('huge.png') }],
      { maxPixels: 2 ** 24 },
      'too-large',
      /3600000000 pixels/,
    ],
    [
      'any frame of a folder',
      [{ ...driver, path: path('frames') }],
      { maxPixels: 64 * 32 },
      'too-large',
      /65536 pixels/,
    ],
    [
      'the bytes of a folder',
      [{ ...driver, path: path('frames') }],
      { maxBytes: 2000 },
      'too-large',
      /bytes/,
    ],
  ] as const)('refuse %s', async (_, inputs, limits, code, message) => {
    await expect(checkLimits(inputs, limits)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('look at frames that are links', async () => {
    mkdirSync(path('links'));
    symlinkSync(demoLook, path('links/0.png'));
    const links = { ...driver, path: path('links') };
    await expect(checkLimits([links], { maxPixels: 1000 })).rejects.toMatchObject({ code: 'too-large' });
  });

  it.each([
    ['is longer than it says', 25, 50],
    ['has more frames a second than any camera takes', 1e6, 480],
  ])('hold while a video is read that %s', async (_, fps, most) => {
    const image = { width: 64, height: 32, data: new Uint8Array(64 * 32 * 3) };
    async function* frames() {
      for (;;) yield { image };
    }
    const read = async (limits: LimitFlags) => {
      let count = 0;
      const all = async () => {
        for await (const _ of withinLimits(frames(), driver, fps, limits)) count++;
      };
      await expect(all()).rejects.toMatchObject({ code: 'too-large' });
      return count;
    };
    expect(await read({ maxSeconds: 2 })).toBe(most);
    expect(await read({ maxSeconds: 2, maxPixels: 2000 })).toBe(0);
  });

  it('count the frames of a file that claims a million a second', async () => {
    const webp = readFileSync(demoDriver);
    // Each frame of an animation says how many milliseconds it is shown.
    for (let at = webp.indexOf('ANMF'); at >= 0; at = webp.indexOf('ANMF', at + 4))
      webp.writeUIntLE(1, at + 20, 3);
    writeFileSync(path('fast.webp'), webp);
    const fast = { ...driver, path: path('fast.webp') };
    await checkLimits([fast], { maxSeconds: 0.3 });
    await expect(checkLimits([fast], { maxSeconds: 0.1 })).rejects.toMatchObject({ code: 'too-large' });
  });

  it('are flags of animate, and come before anything is loaded', async () => {
    const args = ['animate', '--driver', demoDriver, '--out', path('x.webp'), '--max-seconds', '1'];
    const { code, stderr } = await faceanim(args);
    expect(stderr).toBe(
      `error: --driver ${demoDriver} has 2 seconds, more than 1.\n  Make it smaller, or raise --max-seconds.\n`,
    );
    expect(code).toBe(3);
  });
});
