import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { withXmp } from '../src/browser/with-xmp';
import { readImage } from '../src/node/read-image';
import { writeImage } from '../src/node/write-image';
import { writeVideo } from '../src/node/write-video';
import { ffmpeg, hasFfmpeg, meanDifference, picture, temporaryFolder } from './support/media';

const sourceType = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';
const frames = [0, 1, 2].map((i) => picture(31, 17, i));
// As bytes, since libvips remembers files by their names.
const xmpOf = async (file: string) => xmpIn(readFileSync(file));
const xmpIn = async (bytes: Buffer) => (await sharp(bytes).metadata()).xmpAsString;

function commentOf(file: string): string {
  const args = ['-v', 'error', '-show_entries', 'format_tags=comment', '-of', 'csv=p=0', file];
  return String(spawnSync('ffprobe', args).stdout).trim();
}

describe('pictures say that a model made them', () => {
  for (const name of ['a.png', 'a.jpg', 'a.webp']) {
    it(`in ${name}, unless told otherwise`, async () => {
      using folder = temporaryFolder();
      await writeImage(folder.join(name), frames[0]!);
      expect(await xmpOf(folder.join(name))).toContain(`Iptc4xmpExt:DigitalSourceType="${sourceType}"`);
      await writeImage(folder.join(name), frames[0]!, { aiGenerated: false });
      expect(await xmpOf(folder.join(name))).toBeUndefined();
    });
  }

  for (const [what, encode] of Object.entries({
    png: (image: Sharp) => image.png(),
    jpeg: (image: Sharp) => image.jpeg(),
    webp: (image: Sharp) => image.webp(),
    'lossless webp': (image: Sharp) => image.webp({ lossless: true }),
    'webp with a profile': (image: Sharp) => image.webp().withIccProfile('p3'),
  })) {
    it(`in a ${what} of a browser, whose pixels stay`, async () => {
      const { data, width, height } = frames[0]!;
      const plain = await encode(sharp(data, { raw: { width, height, channels: 3 } })).toBuffer();
      const format = what.includes('webp') ? 'webp' : (what as 'png' | 'jpeg');
      const type = `image/${format}`;
      const tagged = await withXmp(new Blob([Uint8Array.from(plain)], { type }), format, '<x/>');
      expect(tagged.type).toBe(type);
      expect(await xmpIn(Buffer.from(await tagged.arrayBuffer()))).toBe('<x/>');
      const image = await readImage(tagged);
      expect([image.width, image.height]).toEqual([31, 17]);
      expect(meanDifference(image, await readImage(new Blob([Uint8Array.from(plain)])))).toBe(0);
    });
  }
});

describe('videos say that a model made them', () => {
  it('in .webp and .gif and in each PNG of a folder', async () => {
    using folder = temporaryFolder();
    for (const [aiGenerated, name] of [
      [true, 'tagged'],
      [false, 'plain'],
    ] as const) {
      const options = { fps: 10, aiGenerated };
      await writeVideo(folder.join(`${name}.webp`), frames, options);
      await writeVideo(folder.join(`${name}.gif`), frames, options);
      await writeVideo(folder.join(name), frames, options);
    }
    expect(await xmpOf(folder.join('tagged.webp'))).toContain(sourceType);
    expect(await xmpOf(folder.join('plain.webp'))).toBeUndefined();
    expect(readFileSync(folder.join('tagged.gif'), 'latin1')).toContain(sourceType);
    expect(readFileSync(folder.join('plain.gif'), 'latin1')).not.toContain(sourceType);
    expect((await sharp(folder.join('tagged.gif'), { animated: true }).metadata()).pages).toBe(3);
    expect(await xmpOf(folder.join('tagged', '000002.png'))).toContain(sourceType);
    expect(await xmpOf(folder.join('plain', '000002.png'))).toBeUndefined();
  });

  describe.skipIf(!hasFfmpeg)('in video files', () => {
    for (const extension of ['mp4', 'webm']) {
      it(`.${extension}, also with sound`, async () => {
        using folder = temporaryFolder();
        const source = folder.join('beep.mp4');
        ffmpeg('-f', 'lavfi', '-i', 'sine=d=0.3', source);
        const file = folder.join(`a.${extension}`);
        await writeVideo(file, frames, { fps: 10, audio: { source } });
        expect(commentOf(file)).toContain(sourceType);
      });
    }

    it('unless told otherwise', async () => {
      using folder = temporaryFolder();
      await writeVideo(folder.join('a.mp4'), frames, { fps: 10, aiGenerated: false });
      expect(commentOf(folder.join('a.mp4'))).toBe('');
    });
  });
});
