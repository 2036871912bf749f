import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import ExifReader from 'exifreader';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { withAiTag } from '../src/ai-generated';
import { writeImage } from '../src/node/write-image';
import { writeVideo } from '../src/node/write-video';
import { withXmp } from '../src/with-xmp';
import { ffmpeg, hasFfmpeg, picture, temporaryFolder } from './support/media';

const sourceType = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';
const frames = [0, 1, 2].map((i) => picture(31, 17, i));
/** As a library reads it that shares no code with the one that writes. */
async function sourceTypeOf(file: string) {
  // Only asynchronously does it unpack the text of a PNG.
  const tags = await ExifReader.load(readFileSync(file), { async: true });
  return tags.DigitalSourceType?.value;
}

function commentOf(file: string): string {
  const args = ['-v', 'error', '-show_entries', 'format_tags=comment', '-of', 'csv=p=0', file];
  return String(spawnSync('ffprobe', args).stdout).trim();
}

describe('pictures say that a model made them', () => {
  for (const name of ['a.png', 'a.jpg', 'a.webp']) {
    it(`in ${name}, unless told otherwise`, async () => {
      using folder = temporaryFolder();
      await writeImage(folder.join(name), frames[0]!);
      expect(await sourceTypeOf(folder.join(name))).toBe(sourceType);
      await writeImage(folder.join(name), frames[0]!, { aiGenerated: false });
      expect(await sourceTypeOf(folder.join(name))).toBeUndefined();
    });
  }

  for (const [what, encode] of Object.entries({
    png: (image: Sharp) => image.png(),
    jpeg: (image: Sharp) => image.jpeg(),
    webp: (image: Sharp) => image.webp(),
    'lossless webp': (image: Sharp) => image.webp({ lossless: true }),
    'lossless webp with transparency': (image: Sharp) => image.ensureAlpha(0.5).webp({ lossless: true }),
    'webp with a profile': (image: Sharp) => image.webp().withIccProfile('p3'),
  })) {
    it(`in a ${what} of another encoder, whose pixels stay`, async () => {
      const { data, width, height } = frames[0]!;
      const plain = await encode(sharp(data, { raw: { width, height, channels: 3 } })).toBuffer();
      const before = Buffer.copyBytesFrom(plain);
      const format = what.includes('webp') ? 'webp' : (what as 'png' | 'jpeg');
      const tagged = withXmp(plain, format, '<x/>');
      expect((await sharp(tagged).metadata()).xmpAsString).toBe('<x/>');
      expect(plain).toEqual(before);
      const pixels = (picture: Uint8Array) => sharp(picture).raw().toBuffer({ resolveWithObject: true });
      expect(await pixels(tagged)).toEqual(await pixels(plain));
    });
  }

  it('but not in what is no picture of the format', () => {
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const refused = expect.objectContaining({ code: 'invalid-option' });
      expect(() => withAiTag(new TextEncoder().encode('no picture'), format)).toThrow(refused);
    }
  });
});

describe('videos say that a model made them', () => {
  it('in .webp and in each PNG of a folder', async () => {
    using folder = temporaryFolder();
    for (const [aiGenerated, name] of [
      [true, 'tagged'],
      [false, 'plain'],
    ] as const) {
      const options = { fps: 10, aiGenerated };
      await writeVideo(folder.join(`${name}.webp`), frames, options);
      await writeVideo(folder.join(name), frames, options);
    }
    expect(await sourceTypeOf(folder.join('tagged.webp'))).toBe(sourceType);
    expect(await sourceTypeOf(folder.join('plain.webp'))).toBeUndefined();
    expect(await sourceTypeOf(folder.join('tagged', '000002.png'))).toBe(sourceType);
    expect(await sourceTypeOf(folder.join('plain', '000002.png'))).toBeUndefined();
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

    it('.gif, as ffmpeg reads it', async () => {
      using folder = temporaryFolder();
      await writeVideo(folder.join('tagged.gif'), frames, { fps: 10 });
      await writeVideo(folder.join('plain.gif'), frames, { fps: 10, aiGenerated: false });
      expect(commentOf(folder.join('tagged.gif'))).toContain(sourceType);
      expect(commentOf(folder.join('plain.gif'))).toBe('');
      expect((await sharp(folder.join('tagged.gif'), { animated: true }).metadata()).pages).toBe(3);
    });

    it('unless told otherwise', async () => {
      using folder = temporaryFolder();
      await writeVideo(folder.join('a.mp4'), frames, { fps: 10, aiGenerated: false });
      expect(commentOf(folder.join('a.mp4'))).toBe('');
    });
  });
});
