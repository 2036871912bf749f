import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import type { RgbImage } from '@faceanim/core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readImage } from '../src/node/read-image';
import { probeVideo } from '../src/node/read-video';
import { writeImage } from '../src/node/write-image';
import { meanDifference, noRgbImages, picture, temporaryFolder } from './support/media';

describe('readImage and writeImage', () => {
  for (const extension of ['.png', '.webp']) {
    it(`keeps every value in ${extension}`, async () => {
      using folder = temporaryFolder();
      const image = picture(31, 17, 3);
      const { path, blob } = await writeImage(folder.join(`a${extension}`), image);
      expect(path).toBe(folder.join(`a${extension}`));
      expect((await blob()).type).toBe(`image/${extension.slice(1)}`);
      expect(meanDifference(await readImage(await blob()), image)).toBe(0);
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

  it('shrinks a picture of any size while it decodes it', async () => {
    using folder = temporaryFolder();
    const path = folder.join('huge.png');
    // 5000 pixels of one colour compress to nothing; as RGB they would be 75 MB.
    await sharp({ create: { width: 5000, height: 5000, channels: 3, background: '#804020' } })
      .png({ compressionLevel: 1 })
      .toFile(path);
    const image = await readImage(path, { maxSide: 500 });
    expect([image.width, image.height]).toEqual([500, 500]);
    expect([...image.data.subarray(0, 3)]).toEqual([0x80, 0x40, 0x20]);
    await writeImage(folder.join('small.png'), picture(60, 30));
    const small = await readImage(folder.join('small.png'), { maxSide: 500 });
    expect([small.width, small.height]).toEqual([60, 30]);
    await expect(readImage(path, { maxSide: 0 })).rejects.toMatchObject({ code: 'invalid-option' });
  });

  it('refuses more pixels than can be decoded, by their number', async () => {
    using folder = temporaryFolder();
    const path = folder.join('a.svg');
    writeFileSync(path, '<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="20000"/>');
    await expect(readImage(path)).rejects.toMatchObject({
      code: 'media',
      file: path,
      message: expect.stringContaining('more than 268 million pixels'),
    });
  });

  it('reads CMYK in its colours', async () => {
    using folder = temporaryFolder();
    const path = folder.join('print.jpg');
    await sharp({ create: { width: 16, height: 16, channels: 3, background: '#b07050' } })
      .toColourspace('cmyk')
      .jpeg({ quality: 100 })
      .toFile(path);
    expect((await sharp(path).metadata()).space).toBe('cmyk');
    const { data, width } = await readImage(path);
    expect([data.length, width]).toEqual([16 * 16 * 3, 16]);
    for (const [i, value] of [0xb0, 0x70, 0x50].entries()) {
      expect(Math.abs(data[i]! - value)).toBeLessThan(12);
    }
  });

  it('goes by content, whatever the name: JPEG as .jfif, .png or .mp4, alone and in a folder', async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.join('frames'));
    const { data, width, height } = picture(32, 16);
    const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg()
      .toBuffer();
    for (const name of ['a.jfif', 'a.png', 'a.mp4', 'frames/0.jfif']) {
      writeFileSync(folder.join(name), jpeg);
      expect((await readImage(folder.join(name))).width).toBe(32);
      expect(await probeVideo(folder.join(name))).toMatchObject({ width: 32, frames: 1, kind: 'animation' });
    }
    expect(await probeVideo(folder.join('frames'))).toMatchObject({ frames: 1, kind: 'folder' });
  });

  it.each([
    ['MP4', '\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41'],
    ['QuickTime', '\0\0\0\x14ftypqt  \0\0\0\0qt  '],
    ['QuickTime of old', '\0\0\0\x08wide\0\0\x10\0mdat'],
    ['WebM', '\x1aE\xdf\xa3\x9fB\x86\x81\x01'],
    ['AVI', 'RIFF\0\0\0\0AVI LIST'],
  ])('says of a video that it is one: %s', async (_, start) => {
    using folder = temporaryFolder();
    for (const name of ['clip.mp4', 'clip.png']) {
      const file = folder.join(name);
      writeFileSync(file, Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(100)]));
      await expect(readImage(file)).rejects.toMatchObject({
        code: 'media',
        file,
        message: `${file} is a video, not a picture.`,
        hint: 'Choose a picture; readVideo reads the frames of a video.',
      });
    }
  });

  it.each([
    ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0mif1heic', /sips|heif-convert/],
    ['HEIC', '\0\0\0\x18ftypmif1\0\0\0\0mif1heic', /sips|heif-convert/],
    ['BMP', 'BM\x36\x0c\0\0\0\0\0\0\x36\0\0\0\x28', /PNG/],
    ['JPEG XL', '\xff\x0a\0\0', /PNG/],
    ['JPEG 2000', '\0\0\0\x0cjP  \r\n\x87\n', /PNG/],
  ])('names a %s picture, under any name, with the way out', async (kind, start, hint) => {
    using folder = temporaryFolder();
    const bytes = Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(100)]);
    for (const name of ['photo.heic', 'photo.jpg', 'photo']) {
      const file = folder.join(name);
      writeFileSync(file, bytes);
      const named = { code: 'media', file, message: expect.stringContaining(`a ${kind} picture`) };
      await expect(readImage(file)).rejects.toMatchObject({ ...named, hint: expect.stringMatching(hint) });
      await expect(probeVideo(file)).rejects.toMatchObject(named);
    }
  });

  it('does not pass over frames of a folder that it cannot read', async () => {
    using folder = temporaryFolder();
    await writeImage(folder.join('0.png'), picture(8, 8));
    writeFileSync(folder.join('1.heic'), '');
    await expect(probeVideo(folder.path)).rejects.toMatchObject({
      code: 'media',
      file: folder.join('1.heic'),
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
    const empty = { code: 'media', file, message: `${file} is empty: it has 0 bytes.` };
    await expect(readImage(file)).rejects.toMatchObject(empty);
    await expect(probeVideo(file)).rejects.toMatchObject(empty);
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
    for (const [wrong, said] of Object.values(noRgbImages)) {
      await expect(writeImage(folder.join('a.png'), wrong as RgbImage)).rejects.toMatchObject({
        code: 'invalid-option',
        message: expect.stringContaining(`image ${said}`),
      });
    }
    writeFileSync(folder.join('file'), '');
    const under = folder.join('file', 'a.png');
    await expect(writeImage(under, picture(4, 4))).rejects.toMatchObject({ code: 'io', file: under });
    mkdirSync(folder.join('dir.png'));
    await expect(writeImage(folder.join('dir.png'), picture(4, 4))).rejects.toMatchObject({ code: 'io' });
    expect(readdirSync(folder.path).sort()).toEqual(['dir.png', 'file']);
  });
});
