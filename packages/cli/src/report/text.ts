import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { create, type Font, type GlyphRun } from 'fontkit';

/** How {@link svgText} draws. */
export interface TextStyle {
  /** Font size in pixels. Default 13. */
  size?: number;
  /** Text that would be wider, in pixels, is drawn smaller. Default: no limit. */
  maxWidth?: number;
  bold?: boolean;
  /** Which point of the baseline `x` is. Default `start`. */
  anchor?: 'start' | 'middle' | 'end';
  /** Turned by 90 degrees, so that it reads upwards. */
  upwards?: boolean;
  /** SVG colour. Default `#222`. */
  fill?: string;
}

const require = createRequire(import.meta.url);
const regular = openFont(require.resolve('@fontsource/lato/files/lato-latin-400-normal.woff'));
const bold = openFont(require.resolve('@fontsource/lato/files/lato-latin-700-normal.woff'));

/**
 * A line of text as SVG outlines, with its baseline at `y`. An SVG `<text>` takes its font from the system, and where
 * there is none, as in a slim container, librsvg draws boxes instead of letters.
 */
export function svgText(text: string, x: number, y: number, style: TextStyle = {}): string {
  const { anchor = 'start', upwards = false, fill = '#222' } = style;
  const { run, scale } = layout(text, style);
  let at = { start: 0, middle: -run.advanceWidth / 2, end: -run.advanceWidth }[anchor];
  const letters = run.glyphs.map((glyph, i) => {
    const letter = `<path transform="translate(${at})" d="${glyph.path.toSVG()}"/>`;
    at += run.positions[i]!.xAdvance;
    return letter;
  });
  const turn = upwards ? ' rotate(-90)' : '';
  // The y axis of a font points upwards.
  const place = `translate(${x} ${y})${turn} scale(${scale} ${-scale})`;
  return `<g fill="${fill}" transform="${place}">${letters.join('')}</g>`;
}

/** Width in pixels of the line that {@link svgText} draws. */
export function textWidth(text: string, style: TextStyle = {}): number {
  const { run, scale } = layout(text, style);
  return run.advanceWidth * scale;
}

/** The glyphs of a line, and pixels per unit of the font. */
function layout(text: string, style: TextStyle): { run: GlyphRun; scale: number } {
  const { size = 13, maxWidth = Number.POSITIVE_INFINITY } = style;
  const font = style.bold ? bold : regular;
  const run = font.layout(text);
  return { run, scale: Math.min(size / font.unitsPerEm, maxWidth / run.advanceWidth) };
}

function openFont(file: string): Font {
  return create(readFileSync(file)) as Font;
}
