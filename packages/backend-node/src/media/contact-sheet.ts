import type { RgbImage } from '@faceanim/core';
import { invalidOption } from '@faceanim/tensor';
import { accepting, checkOptions, type OptionChecks, wholeNumberFrom } from '@faceanim/tensor/options';
import sharp from 'sharp';
import { svgText, textHeight, textWidth } from './pixel-text';

/** Options of {@link contactSheet}. */
export interface ContactSheetOptions {
  /** What each row shows, written at its left; letters, digits and punctuation of ASCII. */
  labels?: readonly string[];
  /** Side of a cell in pixels; pictures are scaled to fit into it. Default 128. */
  cell?: number;
}

const checks: OptionChecks<ContactSheetOptions> = {
  labels: accepting(
    'a list of texts',
    (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  ),
  cell: wholeNumberFrom(1),
};

const gap = 4;
const labelScale = 2;

/**
 * Lays pictures out in rows on white, e.g. the driver above the result; column i of all rows is frame i. Rows may
 * differ in length, pictures in size.
 *
 * @throws FaceanimError `invalid-option` for a cell that is no positive whole number or for no pictures at all
 */
export async function contactSheet(
  rows: readonly (readonly RgbImage[])[],
  options: ContactSheetOptions = {},
): Promise<RgbImage> {
  checkOptions('contactSheet', options, checks);
  const { labels = [], cell = 128 } = options;
  const columns = Math.max(0, ...rows.map((row) => row.length));
  if (columns === 0) throw invalidOption('rows', rows, 'at least one picture');

  const labelWidth = Math.max(0, ...labels.map((label) => textWidth(label, labelScale)));
  const left = labelWidth > 0 ? labelWidth + 2 * gap : gap;
  const width = left + columns * (cell + gap);
  const height = gap + rows.length * (cell + gap);
  const top = (row: number) => gap + row * (cell + gap);
  const pictures = await Promise.all(
    rows.flatMap((row, r) =>
      row.map(async (image, c) => ({
        input: await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
          .resize(cell, cell, { fit: 'contain', background: '#fff' })
          .png()
          .toBuffer(),
        left: left + c * (cell + gap),
        top: top(r),
      })),
    ),
  );
  const middle = (cell - textHeight(labelScale)) / 2;
  const texts = labels
    .slice(0, rows.length)
    .map((label, r) => svgText(label, gap, Math.round(top(r) + middle)));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${texts.join('')}</svg>`;
  const { data, info } = await sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .composite([...pictures, { input: Buffer.from(svg), left: 0, top: 0 }])
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}
