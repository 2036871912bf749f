import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeImage } from '@faceanim/media';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkLimits, withinLimit } from '../../src/limits/limits';
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

  it('hold while a video is read that is longer than its header says', async () => {
    async function* frames() {
      for (;;) yield 0;
    }
    let read = 0;
    const all = async () => {
      for await (const _ of withinLimit(frames(), driver, 25, 2)) read++;
    };
    await expect(all()).rejects.toMatchObject({ code: 'too-large' });
    expect(read).toBe(50);
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
