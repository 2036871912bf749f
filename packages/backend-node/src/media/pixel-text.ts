/**
 * Letters of 5 by 7 squares, one base-32 digit a row, the leftmost square the highest bit. Drawn by us instead of by a
 * system font, since the slim containers that programs like this run in have none and would show boxes.
 */
const glyphs: Readonly<Record<string, string>> = {
  ...rows('0123456789', 'ehjlphe 4c4444e eh1248v v2421he 26aiv22 vgu11he 68guhhe v124888 ehhehhe ehhf12c'),
  ...rows('ABCDEFGHI', 'ehhvhhh uhhuhhu ehggghe uhhhhhu vgguggv vgguggg ehgnhhf hhhvhhh e44444e'),
  ...rows('JKLMNOPQR', '72222ic hikokih ggggggv hrllhhh hhpljhh ehhhhhe uhhuggg ehhhlid uhhukih'),
  ...rows('STUVWXYZ', 'fgge11u v444444 hhhhhhe hhhhha4 hhhllla hha4ahh hhha444 v1248gv'),
  ...rows('abcdefghi', '00e1fhf ggmphhu 00egghe 11djhhf 00ehvge 698s888 0fhhf1e ggmphhh 40c444e'),
  ...rows('jklmnopqr', '20622ic ggikoki c44444e 00qllhh 00mphhh 00ehhhe 00uhugg 00djf11 00mpggg'),
  ...rows('stuvwxyz', '00ege1u 88s8896 00hhhjd 00hhha4 00hhlla 00ha4ah 00hhf1e 00v248v'),
  ...rows(
    '.,:;-+_/%()',
    '00000cc 0000c48 0cc0cc0 0cc0c48 000v000 044v440 000000v 01248g0 op248j3 2488842 8422248',
  ),
  ...rows('=<>*\'"!?#&', '00v0v00 248g842 8421248 04lel40 c480000 aaa0000 4444004 eh12404 aavavaa cik8lid'),
  ...rows('@[]|~^ ', 'eh1dlle e88888e e22222e 4444444 008l200 4ah0000 0000000'),
};

function rows(letters: string, shapes: string): Record<string, string> {
  const list = shapes.split(' ');
  return Object.fromEntries([...letters].map((letter, i) => [letter, list[i]!]));
}

/** Width of a text in pixels when a square is `scale` pixels wide. */
export function textWidth(text: string, scale: number): number {
  return Math.max(0, [...text].length * 6 - 1) * scale;
}

/** The largest scale up to `most` at which a text has room: whole, so that its squares are sharp, unless it is below 1. */
export function fittingScale(text: string, room: number, most: number): number {
  const scale = room / Math.max(1, textWidth(text, 1));
  return Math.min(most, scale < 1 ? scale : Math.floor(scale));
}

/** Height of a line in pixels when a square is `scale` pixels high. */
export function textHeight(scale: number): number {
  return 7 * scale;
}

/** How {@link svgText} draws. */
export interface TextStyle {
  /** Side of a square in pixels. Default 2. */
  scale?: number;
  /** Which point of the top edge `x` is. Default `start`. */
  anchor?: 'start' | 'middle' | 'end';
  /** Turned a quarter to the left, to be read upwards; `x`, `y` stay the anchor. */
  upwards?: boolean;
  /** SVG colour. Default `#222`. */
  fill?: string;
}

/** A text as an SVG path with its top edge at `y`; letters that are not in the table are drawn as `?`. */
export function svgText(text: string, x: number, y: number, style: TextStyle = {}): string {
  const { scale = 2, anchor = 'start', upwards = false, fill = '#222' } = style;
  const shift = { start: 0, middle: -0.5, end: -1 }[anchor] * textWidth(text, scale);
  const squares: string[] = [];
  for (const [i, letter] of [...text].entries()) {
    for (const [row, digit] of [...(glyphs[letter] ?? glyphs['?']!)].entries()) {
      const bits = Number.parseInt(digit, 32);
      for (let column = 0; column < 5; column++) {
        if (bits & (16 >> column)) squares.push(`M${i * 6 + column} ${row}h1v1h-1z`);
      }
    }
  }
  const turn = upwards ? ' rotate(-90)' : '';
  const place = `translate(${x} ${y})${turn} translate(${Math.round(shift)} 0) scale(${scale})`;
  return `<path transform="${place}" fill="${fill}" shape-rendering="crispEdges" d="${squares.join('')}"/>`;
}
