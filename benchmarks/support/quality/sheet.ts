import type { RgbImage } from '@faceanim/core';
import sharp from 'sharp';
import { svgText } from '../../../packages/cli/src/report/text';

/** A row of a sheet: one picture per frame. */
export interface SheetRow {
  readonly name: string;
  /** A frame without a picture stays white. */
  readonly pictures: readonly (RgbImage | undefined)[];
  /** Points to draw over each picture, in its pixels. */
  readonly points?: readonly (readonly number[] | undefined)[];
}

const [cell, gap, left] = [128, 4, 24];

/** Draws rows of pictures below each other, as a PNG. */
export async function sheet(rows: readonly SheetRow[]): Promise<Buffer> {
  const columns = Math.max(...rows.map(({ pictures }) => pictures.length));
  const [x, y] = [
    (column: number) => left + column * (cell + gap),
    (row: number) => gap + row * (cell + gap),
  ];
  const tiles = await Promise.all(
    rows.flatMap(({ pictures }, row) =>
      pictures.flatMap((picture, column) => (picture ? [tile(picture, x(column), y(row))] : [])),
    ),
  );
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${x(columns)}" height="${y(rows.length)}">`,
    ...rows.map(({ name }, row) =>
      svgText(name, left - 8, y(row) + cell / 2, { anchor: 'middle', upwards: true, maxWidth: cell }),
    ),
    ...rows.flatMap(({ pictures, points }, row) =>
      (points ?? []).flatMap((set, column) => {
        const picture = pictures[column];
        return set && picture ? dots(set, x(column), y(row), cell / picture.width) : [];
      }),
    ),
    '</svg>',
  ].join('');
  return sharp({
    create: { width: x(columns), height: y(rows.length), channels: 3, background: '#fff' },
  })
    .composite([...tiles, { input: Buffer.from(svg), left: 0, top: 0 }])
    .png()
    .toBuffer();
}

async function tile({ width, height, data }: RgbImage, left: number, top: number) {
  const input = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(cell, cell, { fit: 'contain', background: '#fff' })
    .png()
    .toBuffer();
  return { input, left, top };
}

function dots(points: readonly number[], left: number, top: number, scale: number): string[] {
  return Array.from({ length: points.length / 2 }, (_, i) => {
    const [x, y] = [left + scale * points[2 * i]!, top + scale * points[2 * i + 1]!];
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="1.2" fill="#0f0"/>`;
  });
}
