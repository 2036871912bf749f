import type { RgbImage } from '@faceanim/core';
import { withAiTag } from '@faceanim/media';
import sharp from 'sharp';
import { svgText } from '../../../packages/cli/src/report/text';

/** A row of a strip, with its name beside it. */
export interface Row {
  readonly name?: string;
  /** Pictures, with labels above them. */
  readonly tiles: readonly (readonly [label: string, picture: RgbImage])[];
}

const [cell, gap, line] = [200, 4, 22];

/** Draws rows of pictures as WebP, on a transparent ground and with grey letters, for light and dark pages. */
export async function drawStrip(rows: readonly Row[]): Promise<Uint8Array> {
  const left = rows.some(({ name }) => name) ? 24 : 0;
  const style = { anchor: 'middle', fill: '#888', size: 15 } as const;
  const [tiles, labels]: [ReturnType<typeof tile>[], string[]] = [[], []];
  let y = 0;
  for (const { name = '', tiles: pictures } of rows) {
    y += pictures.some(([label]) => label !== '') ? line : gap;
    labels.push(svgText(name, 16, y + cell / 2, { ...style, upwards: true }));
    for (const [i, [label, picture]] of pictures.entries()) {
      const x = left + i * (cell + gap);
      labels.push(svgText(label, x + cell / 2, y - 6, style));
      tiles.push(tile(picture, x, y));
    }
    y += cell;
  }
  const width = left + Math.max(...rows.map(({ tiles }) => tiles.length)) * (cell + gap) - gap;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}">${labels.join('')}</svg>`;
  const webp = await sharp({ create: { width, height: y, channels: 4, background: '#0000' } })
    .composite([...(await Promise.all(tiles)), { input: Buffer.from(svg), left: 0, top: 0 }])
    .webp({ quality: 88 })
    .toBuffer();
  return withAiTag(webp, 'webp');
}

async function tile({ width, height, data }: RgbImage, left: number, top: number) {
  const input = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(cell, cell)
    .png()
    .toBuffer();
  return { input, left, top };
}
