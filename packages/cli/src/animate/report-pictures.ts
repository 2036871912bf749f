import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, relative, resolve } from 'node:path';
import type { RgbImage } from '@faceanim/core';
import { withAiTag } from '@faceanim/media';
import sharp from 'sharp';
import { drawTarget } from '../report/draw-target';
import { type Html, html } from '../report/html';
import type { SheetFrame } from '../report/sheet-frames';
import { counted } from '../terminal/counted';
import type { AnimateReport } from './report';

/** A longer animation is linked: a page of less than 10 MB can be mailed. */
const largestInPage = 6e6;
/** Side of the pictures in pixels. */
const side = 256;

/** The animation itself, or a link to it if it is large. */
export async function animationIn({ out, driverFrames }: AnimateReport, from: string): Promise<Html> {
  const href = link(from, out);
  const type = mediaTypes[extname(out).toLowerCase()];
  const { size } = await stat(out);
  if (!type) return html`<p><a href="${href}">The folder of frames</a></p>`;
  const source =
    size > largestInPage ? href : `data:${type};base64,${(await readFile(out)).toString('base64')}`;
  const text = `The animation: the look follows ${counted(driverFrames, 'driver frame')}`;
  return type.startsWith('image')
    ? html`<img src="${source}" alt="${text}">`
    : html`<video src="${source}" controls loop muted playsinline aria-label="${text}"><a href="${href}">${basename(out)}</a></video>`;
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.mov': 'video/mp4',
  '.mkv': 'video/x-matroska',
  '.webm': 'video/webm',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
};

/** Driver, target and result of some frames. */
export async function framesOf(all: readonly SheetFrame[], aiTag = true): Promise<Html> {
  const cells = all.map(async (frame) => {
    const alt = (what: string) => `${what}, frame ${frame.index}`;
    return html`<figure><figcaption>Frame ${frame.index}</figcaption><div class="row">
<img src="${await picture(frame.driver)}" alt="${alt('Driver')}">
<img src="${await picture(drawTarget(frame), { aiTag })}" alt="${alt('Target landmarks on the result')}">
<img src="${await picture(frame.result, { aiTag })}" alt="${alt('Result')}">
</div></figure>\n`;
  });
  return html`<div class="frames">${await Promise.all(cells)}</div>`;
}

/** A small copy of a picture as a data URI. */
export async function picture(
  { width, height, data }: RgbImage,
  { size = side, aiTag = false } = {},
): Promise<string> {
  const webp = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(size, size, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 82 })
    .toBuffer();
  const bytes = Buffer.from(aiTag ? withAiTag(webp, 'webp') : webp);
  return `data:image/webp;base64,${bytes.toString('base64')}`;
}

/** An address of a file as seen from the page. */
export function link(from: string, to: string): string {
  return relative(dirname(resolve(from)), resolve(to))
    .split(/[\\/]/)
    .map(encodeURIComponent)
    .join('/');
}
