import type { RgbImage } from '@faceanim/core';
import sharp from 'sharp';
import { drawTarget } from './draw-target';
import type { SheetFrame } from './sheet-frames';
import { svgText } from './text';

/** Pixels: the side of a frame, the space between pictures, the room for a line of text. */
const [cell, gap, textRoom] = [128, 4, 24];

/** Driver, target and result of each frame, one above the other, and the look at their left, as a PNG. */
export async function contactSheet(frames: readonly SheetFrame[], look?: RgbImage): Promise<Buffer> {
  const lookSide = 2 * cell + gap;
  const left = (look ? gap + lookSide : 0) + textRoom;
  const [first, second, third] = [0, 1, 2].map((row) => textRoom + row * (cell + gap)) as [
    number,
    number,
    number,
  ];
  const x = (column: number) => left + column * (cell + gap);
  const [width, height] = [x(frames.length), third + cell + gap];

  const pictures = await Promise.all([
    ...(look ? [tile(look, gap, first, lookSide)] : []),
    ...frames.map(({ driver }, i) => tile(driver, x(i), first, cell)),
    ...frames.map((frame, i) => tile(drawTarget(frame), x(i), second, cell)),
    ...frames.map(({ result }, i) => tile(result, x(i), third, cell)),
  ]);
  const above = { size: 13, anchor: 'middle' } as const;
  const beside = { ...above, upwards: true } as const;
  const texts = [
    ...(look ? [svgText('look', gap + lookSide / 2, first - 8, above)] : []),
    ...frames.map(({ index }, i) => svgText(`frame ${index}`, x(i) + cell / 2, first - 8, above)),
    svgText('driver', left - 8, first + cell / 2, beside),
    svgText('target', left - 8, second + cell / 2, beside),
    svgText('result', left - 8, third + cell / 2, beside),
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
