import type { RgbImage } from '@faceanim/core';
import type { Landmarks } from '@faceanim/core/landmarks';
import sharp from 'sharp';
import { pictureSheet } from '../report/contact-sheet';
import { drawPoints } from '../report/draw-target';
import { type DrawnChart, drawChart } from '../report/line-chart';
import { followed, type Motion } from '../report/motion';

/** A frame of the driver and its target; landmarks are from 0 to 1. */
export interface PreviewFrame {
  /** Index in the driver. */
  readonly index: number;
  readonly driver: RgbImage;
  readonly landmarks: Landmarks;
  readonly target: Landmarks;
}

/** What a preview shows. */
export interface Preview {
  readonly look: RgbImage;
  readonly frames: readonly PreviewFrame[];
  readonly motion: { readonly driver: Motion; readonly target: Motion };
}

/** Most frames in a picture. */
const most = 12;
/** Least width of a picture, and height of a chart, in pixels. */
const [leastWidth, chartHeight] = [1000, 260];
/** Side of the two pictures of a video frame. */
const side = 384;

const titles = {
  mouth: 'Mouth opening',
  eyes: 'Eye opening',
  brows: 'Brow height',
  yaw: 'Head turn to the right, degrees',
};

/** One picture: up to twelve frames with their targets on the look, and the curves of all below, as a PNG. */
export async function previewPicture({ look, frames, motion }: Preview): Promise<Buffer> {
  const stride = Math.ceil(frames.length / most);
  const chosen = frames.filter((_, i) => i % stride === 0);
  const rows = [
    { label: 'driver', pictures: chosen.map(({ driver, landmarks }) => drawPoints(driver, landmarks)) },
    { label: 'target', pictures: chosen.map(({ target }) => drawPoints(look, target)) },
  ];
  const numbers = chosen.map(({ index }) => index);
  const sheet = sharp(await pictureSheet(rows, numbers));
  const { width: sheetWidth, height: sheetHeight } = await sheet.metadata();
  const width = Math.max(sheetWidth, leastWidth);
  const charts = chartsOf(frames, motion, Math.floor(width / 2), chartHeight).map(({ svg }, i) => ({
    input: Buffer.from(svg),
    left: (i % 2) * Math.floor(width / 2),
    top: sheetHeight + Math.floor(i / 2) * chartHeight,
  }));
  const height = sheetHeight + 2 * chartHeight;
  return sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .composite([{ input: await sheet.toBuffer(), left: 0, top: 0 }, ...charts])
    .png()
    .toBuffer();
}

/** A video: each frame beside its target on the look, and the curves below with the moment marked. */
export async function* previewVideo({ look, frames, motion }: Preview): AsyncGenerator<RgbImage> {
  const [width, height] = [2 * side, side + chartHeight * 2];
  const charts = chartsOf(frames, motion, side, chartHeight);
  const blank = sharp({ create: { width, height, channels: 3, background: '#fff' } });
  const paper = await blank
    .composite(charts.map(({ svg }, i) => ({ input: Buffer.from(svg), ...place(i) })))
    .removeAlpha()
    .raw()
    .toBuffer();
  const lookTile = await scaled(look);
  for (const { index, driver, landmarks, target } of frames) {
    const image: RgbImage = { width, height, data: Uint8Array.from(paper) };
    paste(image, drawPoints(await scaled(driver), landmarks), 0);
    paste(image, drawPoints(lookTile, target), side);
    for (const [i, { x, top, bottom }] of charts.entries()) {
      const { left, top: offset } = place(i);
      const column = left + Math.round(x(index));
      for (let y = offset + top; y < offset + bottom; y++)
        image.data.set([34, 34, 34], 3 * (y * width + column));
    }
    yield image;
  }
}

const place = (i: number) => ({ left: (i % 2) * side, top: side + Math.floor(i / 2) * chartHeight });

function chartsOf(
  frames: readonly PreviewFrame[],
  { driver, target }: Preview['motion'],
  width: number,
  height: number,
): DrawnChart[] {
  return followed.map((curve) => {
    const points = (values: readonly number[]) =>
      values.map((value, i) => [frames[i]!.index, value] as const);
    const series = [
      { label: 'driver', points: points(driver[curve]) },
      { label: 'target', points: points(target[curve]) },
    ];
    return drawChart(series, { title: titles[curve], xLabel: 'driver frame', width, height });
  });
}

async function scaled({ width, height, data }: RgbImage): Promise<RgbImage> {
  const pixels = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(side, side)
    .raw()
    .toBuffer();
  return { width: side, height: side, data: pixels };
}

/** Puts a square picture at the top. */
function paste(into: RgbImage, picture: RgbImage, left: number): void {
  for (let y = 0; y < side; y++) {
    into.data.set(picture.data.subarray(3 * y * side, 3 * (y + 1) * side), 3 * (y * into.width + left));
  }
}
