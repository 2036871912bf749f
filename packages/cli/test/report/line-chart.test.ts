import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { lineChart } from '../../src/report/line-chart';

describe('lineChart', () => {
  it('draws a PNG of the given size', async () => {
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

  it('draws each line from corner to corner in its colour, and names it in the legend', async () => {
    const up = [0, 1, 2, 3].map((i) => [i, i] as const);
    const down = up.map(([i]) => [i, 3 - i] as const);
    const png = await lineChart([
      { label: 'up', points: up },
      { label: 'down', points: down },
    ]);
    const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const found = (red: number, green: number, blue: number) => {
      const places: [x: number, y: number][] = [];
      for (let i = 0; i < data.length; i += 3) {
        if (data[i] === red && data[i + 1] === green && data[i + 2] === blue)
          places.push([(i / 3) % info.width, Math.floor(i / 3 / info.width)]);
      }
      return places;
    };
    for (const [places, direction] of [
      [found(0x00, 0x72, 0xb2), -1],
      [found(0xd5, 0x5e, 0x00), 1],
    ] as const) {
      const plot = places.filter(([x]) => x < 850);
      const [[firstX, firstY], [lastX, lastY]] = [
        plot.reduce((a, b) => (b[0] < a[0] ? b : a)),
        plot.reduce((a, b) => (b[0] > a[0] ? b : a)),
      ];
      expect(lastX - firstX).toBeGreaterThan(700);
      expect(direction * (lastY - firstY)).toBeGreaterThan(400);
      expect(places.some(([x]) => x > 860)).toBe(true);
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
    expect(any(560, 30, [60, 12])).toBe(true);
    for (const [xs, ys, from] of [
      [640, 6, [0, 0]],
      [640, 6, [0, 354]],
      [6, 360, [0, 0]],
      [6, 360, [634, 0]],
    ] as const)
      expect(any(xs, ys, [...from])).toBe(false);
  });

  it('draws a million points', async () => {
    const points = Array.from({ length: 1e6 }, (_, i) => [i, 2 + Math.sin(i)] as const);
    expect(await sharp(await lineChart([{ label: 'a', points }])).metadata()).toMatchObject({ width: 960 });
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
