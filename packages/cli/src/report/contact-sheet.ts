import type { RgbImage } from '@faceanim/core';
import { withAiTag } from '@faceanim/media';
import sharp from 'sharp';
import { drawTarget } from './draw-target';
import type { SheetFrame } from './sheet-frames';
import { svgText } from './text';

/** Pixels: the side of a frame, the space between pictures, the room for a line of text. */
const [cell, gap, textRoom] = [128, 4, 24];

/** Pictures side by side. */
export interface SheetRow {
  readonly label: string;
  readonly pictures: readonly RgbImage[];
}

/**
 * Driver, target and result of each frame, one above the other, and the look at their left, as a PNG.
 *
 * @param aiTag Whether it says that a model made the results.
 */
export async function contactSheet(
  frames: readonly SheetFrame[],
  look?: RgbImage,
  aiTag = true,
): Promise<Uint8Array> {
  const rows = [
    { label: 'driver', pictures: frames.map(({ driver }) => driver) },
    { label: 'target', pictures: frames.map(drawTarget) },
    { label: 'result', pictures: frames.map(({ result }) => result) },
  ];
  const numbers = frames.map(({ index }) => index);
  const sheet = await pictureSheet(rows, numbers, look);
  return aiTag ? withAiTag(sheet, 'png') : sheet;
}

/** Rows of pictures of the same frames, whose numbers are above them, as a PNG. */
export async function pictureSheet(
  rows: readonly SheetRow[],
  frames: readonly number[],
  look?: RgbImage,
): Promise<Buffer> {
  const lookSide = 2 * cell + gap;
  const left = (look ? gap + lookSide : 0) + textRoom;
  const x = (column: number) => left + column * (cell + gap);
  const y = (row: number) => textRoom + row * (cell + gap);
  const [width, height] = [x(frames.length), y(rows.length)];

  const pictures = await Promise.all([
    ...(look ? [tile(look, gap, y(0), lookSide)] : []),
    ...rows.flatMap(({ pictures }, row) => pictures.map((each, i) => tile(each, x(i), y(row), cell))),
  ]);
  const above = { size: 13, anchor: 'middle' } as const;
  const beside = { ...above, upwards: true } as const;
  const texts = [
    ...(look ? [svgText('look', gap + lookSide / 2, y(0) - 8, above)] : []),
    ...frames.map((index, i) => svgText(`frame ${index}`, x(i) + cell / 2, y(0) - 8, above)),
    ...rows.map(({ label }, row) => svgText(label, left - 8, y(row) + cell / 2, beside)),
  ];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${texts.join('')}</svg>`;
  return sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .composite([...pictures, { input: Buffer.from(svg), left: 0, top: 0 }])
    .png()
    .toBuffer();
}

/** A picture scaled into a square, on white where it is none. */
async function tile({ width, height, data }: RgbImage, left: number, top: number, side: number) {
  const input = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(side, side, { fit: 'contain', background: '#fff' })
    .png()
    .toBuffer();
  return { input, left, top };
}
