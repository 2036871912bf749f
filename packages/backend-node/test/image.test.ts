import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readImage } from '../src/media/read-image';
import { writeImage } from '../src/media/write-image';
import { meanDifference, picture, temporaryFolder } from './support/media';

describe('readImage and writeImage', () => {
  for (const extension of ['.png', '.webp']) {
    it(`keeps every value in ${extension}`, async () => {
      using folder = temporaryFolder();
      const image = picture(31, 17, 3);
      await writeImage(folder.join(`a${extension}`), image);
      const back = await readImage(folder.join(`a${extension}`));
      expect([back.width, back.height]).toEqual([31, 17]);
      expect(meanDifference(back, image)).toBe(0);
      expect(readdirSync(folder.path)).toEqual([`a${extension}`]);
    });
  }

  it('reads a file that was written over', async () => {
    using folder = temporaryFolder();
    for (const frame of [0, 1]) {
      await writeImage(folder.join('a.png'), picture(8, 8, frame));
      expect((await readImage(folder.join('a.png'))).data[2]).toBe(40 * frame);
    }
    await expect(writeImage(folder.join('a.png'), picture(8, 8), { overwrite: false })).rejects.toMatchObject(
      {
        code: 'io',
        file: folder.join('a.png'),
      },
    );
  });

  it('turns a photo upright by its EXIF orientation', async () => {
    using folder = temporaryFolder();
    const { data, width, height } = picture(40, 20);
    await sharp(data, { raw: { width, height, channels: 3 } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toFile(folder.join('a.jpg'));
    const image = await readImage(folder.join('a.jpg'));
    expect([image.width, image.height]).toEqual([20, 40]);
  });

  it('lays transparency on white and turns grey into RGB', async () => {
    using folder = temporaryFolder();
    await sharp({ create: { width: 4, height: 4, channels: 4, background: '#ff000000' } }).toFile(
      folder.join('a.png'),
    );
    expect([...(await readImage(folder.join('a.png'))).data.subarray(0, 3)]).toEqual([255, 255, 255]);
    await sharp({ create: { width: 4, height: 4, channels: 3, background: '#777' } })
      .toColourspace('b-w')
      .toFile(folder.join('b.png'));
    const grey = await readImage(folder.join('b.png'));
    expect(grey.data).toHaveLength(48);
    expect(grey.data[0]).toBe(0x77);
  });

  it('reads 16-bit PNG as 8 bits', async () => {
    using folder = temporaryFolder();
    await sharp({ create: { width: 4, height: 4, channels: 3, background: '#804020' } })
      .toColourspace('rgb16')
      .png()
      .toFile(folder.join('a.png'));
    expect([...(await readImage(folder.join('a.png'))).data.subarray(0, 3)]).toEqual([0x80, 0x40, 0x20]);
  });

  it('crops to the central square and scales', async () => {
    using folder = temporaryFolder();
    await writeImage(folder.join('a.png'), picture(60, 30));
    const image = await readImage(folder.join('a.png'), { size: 16 });
    expect([image.width, image.height]).toEqual([16, 16]);
    // The centre of the square is the centre of the picture.
    expect(image.data[(8 * 16 + 8) * 3]).toBeGreaterThan(110);
    expect(image.data[(8 * 16 + 8) * 3]).toBeLessThan(145);
    await expect(readImage(folder.join('a.png'), { size: 0.5 })).rejects.toMatchObject({
      code: 'invalid-option',
    });
  });

  it('names the file in every error', async () => {
    using folder = temporaryFolder();
    const file = folder.join('a.png');
    await expect(readImage(file)).rejects.toMatchObject({ code: 'io', file, hint: expect.any(String) });
    await expect(readImage(folder.path)).rejects.toMatchObject({ code: 'io', file: folder.path });
    writeFileSync(file, 'no picture');
    await expect(readImage(file)).rejects.toMatchObject({ code: 'media', file });
    writeFileSync(file, '');
    await expect(readImage(file)).rejects.toMatchObject({ code: 'media', file });
    const noise = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251));
    const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer();
    writeFileSync(file, whole.subarray(0, whole.length / 2));
    await expect(readImage(file)).rejects.toMatchObject({ code: 'media', file });
  });

  it('refuses to write what it cannot', async () => {
    using folder = temporaryFolder();
    await expect(writeImage(folder.join('a.bmp'), picture(4, 4))).rejects.toMatchObject({
      code: 'invalid-option',
    });
    const short = { ...picture(4, 4), data: new Uint8Array(5) };
    await expect(writeImage(folder.join('a.png'), short)).rejects.toMatchObject({ code: 'invalid-option' });
    writeFileSync(folder.join('file'), '');
    const under = folder.join('file', 'a.png');
    await expect(writeImage(under, picture(4, 4))).rejects.toMatchObject({ code: 'io', file: under });
    mkdirSync(folder.join('dir.png'));
    await expect(writeImage(folder.join('dir.png'), picture(4, 4))).rejects.toMatchObject({ code: 'io' });
    expect(readdirSync(folder.path).sort()).toEqual(['dir.png', 'file']);
  });
});
