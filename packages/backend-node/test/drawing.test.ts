import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { picture } from '../../media/test/support/media';
import { contactSheet } from '../src/media/contact-sheet';
import { lineChart } from '../src/media/line-chart';

describe('contactSheet', () => {
  it('lays rows out with labels', async () => {
    const rows = [[0, 1, 2].map((i) => picture(64, 64, i)), [picture(32, 32, 3)]];
    const plain = await contactSheet(rows, { cell: 32 });
    expect([plain.width, plain.height]).toEqual([4 + 3 * 36, 4 + 2 * 36]);
    const labelled = await contactSheet(rows, { cell: 32, labels: ['driver', 'result'] });
    expect(labelled.width).toBeGreaterThan(plain.width);
    expect(labelled.data).toHaveLength(labelled.width * labelled.height * 3);
    // Letters are drawn without a system font: there is something dark left of the pictures.
    const left = labelled.width - plain.width;
    const dark = labelled.data.filter((v, i) => v < 100 && Math.floor(i / 3) % labelled.width < left);
    expect(dark.length).toBeGreaterThan(100);
    // The first picture's blue is 0, the second's 40.
    const at = (x: number, y: number) => labelled.data[(y * labelled.width + x) * 3 + 2];
    expect(at(left + 4 + 16, 20)).toBe(0);
    expect(at(left + 40 + 16, 20)).toBe(40);
  });

  it('refuses nothing and cells without size', async () => {
    await expect(contactSheet([])).rejects.toMatchObject({ code: 'invalid-option' });
    await expect(contactSheet([[]])).rejects.toMatchObject({ code: 'invalid-option' });
    await expect(contactSheet([[picture(4, 4)]], { cell: 0 })).rejects.toMatchObject({
      code: 'invalid-option',
    });
  });
});

describe('lineChart', () => {
  it('draws a PNG of the size that was asked for', async () => {
    const points = Array.from({ length: 50 }, (_, i) => [i, Math.exp(-i / 10)] as const);
    for (const log of [false, true]) {
      const png = await lineChart(
        [
          { label: 'frame 0', points },
          { label: 'frame 1', points: [[3, 0.5]] },
        ],
        {
          title: 'Loss',
          xLabel: 'step',
          yLabel: 'total',
          log,
          width: 640,
          height: 360,
        },
      );
      expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 640, height: 360 });
    }
  });

  it.each([60, 400])('cuts no text of %d letters', async (letters) => {
    const long = 'W'.repeat(letters);
    const points = [
      [0, 1],
      [1, 2],
    ] as const;
    const lines = [
      { label: long, points },
      { label: 'b', points },
    ];
    const png = await lineChart(lines, { title: long, xLabel: long, yLabel: long, width: 640, height: 360 });
    const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const inked = (x: number, y: number) => data[(y * info.width + x) * info.channels]! < 250;
    const any = (xs: number, ys: number, from: [number, number] = [0, 0]) =>
      Array.from({ length: ys }, (_, y) =>
        Array.from({ length: xs }, (_, x) => inked(from[0] + x, from[1] + y)).includes(true),
      ).includes(true);
    // The title is there, and no text touches an edge of the picture.
    expect(any(600, 30, [20, 8])).toBe(true);
    for (const [xs, ys, from] of [
      [640, 6, [0, 0]],
      [640, 6, [0, 354]],
      [6, 360, [0, 0]],
      [6, 360, [634, 0]],
    ] as const)
      expect(any(xs, ys, [...from])).toBe(false);
  });

  it('leaves out what cannot be drawn', async () => {
    const points = [
      [0, Number.NaN],
      [1, 0],
      [2, 5],
      [3, Number.POSITIVE_INFINITY],
    ] as const;
    await lineChart([{ label: 'a', points }], { log: true });
    const none = lineChart([{ label: 'a', points: points.slice(0, 2) }], { log: true });
    await expect(none).rejects.toMatchObject({ code: 'invalid-option' });
    await expect(lineChart([])).rejects.toMatchObject({ code: 'invalid-option' });
  });
});
