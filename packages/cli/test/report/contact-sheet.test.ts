import ExifReader from 'exifreader';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { contactSheet } from '../../src/report/contact-sheet';

/** A picture of one colour. */
function plain(width: number, height: number, red: number, blue: number) {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i += 3) data.set([red, 200, blue], i);
  return { width, height, data };
}

const frames = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    index: 100 + i,
    target: new Float64Array(136).fill(0.5),
    driver: plain(64, 64, 0, 10 * i),
    result: plain(32, 32, 250, 10 * i),
  }));

async function pixelsOf(png: Uint8Array) {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return {
    ...info,
    at: (x: number, y: number) => [...data.subarray(3 * (y * info.width + x)).subarray(0, 3)],
  };
}

/** Whether a rectangle of pixels has something dark in it. */
function dark({ at }: Awaited<ReturnType<typeof pixelsOf>>, [x0, x1]: number[], [y0, y1]: number[]) {
  for (let y = y0!; y < y1!; y++) for (let x = x0!; x < x1!; x++) if (at(x, y)[1]! < 120) return true;
  return false;
}

it('has driver, target and result one above the other, labelled, under the number of the frame', async () => {
  const sheet = await pixelsOf(await contactSheet(frames(3)));
  const [left, cell] = [24, 132];
  expect([sheet.width, sheet.height]).toEqual([left + 3 * cell, 24 + 3 * cell]);
  for (const i of [0, 1, 2]) {
    expect(sheet.at(left + i * cell + 64, 24 + 64)).toEqual([0, 200, 10 * i]);
    const result = [250, 200, 10 * i];
    expect(sheet.at(left + i * cell + 64, 24 + 2 * cell + 64)).toEqual(result);
    // The target is drawn on the result.
    expect(sheet.at(left + i * cell + 20, 24 + cell + 20)).toEqual(result);
    expect(sheet.at(left + i * cell + 64, 24 + cell + 64)).not.toEqual(result);
    expect(dark(sheet, [left + i * cell, left + i * cell + 128], [2, 22])).toBe(true);
  }
  for (const row of [0, 1, 2]) {
    expect(dark(sheet, [2, left - 2], [24 + row * cell, 24 + row * cell + 128])).toBe(true);
  }
});

it('shows the look once, larger, at the left', async () => {
  const [with_, without] = await Promise.all(
    [plain(20, 20, 90, 90), undefined].map(async (look) => pixelsOf(await contactSheet(frames(1), look))),
  );
  expect([with_!.width - without!.width, with_!.height]).toEqual([264, without!.height]);
  expect(with_!.at(4 + 130, 24 + 130)).toEqual([90, 200, 90]);
});

it('says that a model made the results, unless told otherwise', async () => {
  const [tagged, plain] = await Promise.all([
    contactSheet(frames(1)),
    contactSheet(frames(1), undefined, false),
  ]);
  expect(ExifReader.load(Buffer.from(tagged!)).DigitalSourceType?.value).toMatch(/trainedAlgorithmicMedia$/);
  expect(ExifReader.load(Buffer.from(plain!))).not.toHaveProperty('DigitalSourceType');
});

it('scales pictures that are not square without stretching them', async () => {
  const [frame] = frames(1);
  const sheet = await pixelsOf(await contactSheet([{ ...frame!, driver: plain(64, 32, 0, 0) }]));
  expect(sheet.at(24 + 64, 24 + 4)).toEqual([255, 255, 255]);
  expect(sheet.at(24 + 64, 24 + 64)).toEqual([0, 200, 0]);
});
