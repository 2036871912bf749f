import type { RgbImage } from '../contracts/image';

/** What tells one scene from another: the colours of a picture, and where it is light and dark. */
export interface Scene {
  /** Share of each colour, `[bins ** 3]`. */
  readonly colours: Float64Array;
  /** Brightness of each cell of a coarse grid, with mean 0. */
  readonly brightness: Float64Array;
}

/** Levels of each channel. */
const bins = 6;
/** Cells and samples along each side of the picture. */
const cells = 32;
const samples = 4;

/** Looks at a picture coarsely: 128 pixels along each side, averaged to 32 cells. */
export function sceneOf({ width, height, data }: RgbImage): Scene {
  const colours = new Float64Array(bins ** 3);
  const brightness = new Float64Array(cells * cells);
  for (let cell = 0; cell < brightness.length; cell++) {
    const [column, row] = [cell % cells, Math.floor(cell / cells)];
    let [r, g, b] = [0, 0, 0];
    for (let k = 0; k < samples * samples; k++) {
      const x = pixel(column * samples + (k % samples), width);
      const y = pixel(row * samples + Math.floor(k / samples), height);
      const at = 3 * (y * width + x);
      r += data[at]!;
      g += data[at + 1]!;
      b += data[at + 2]!;
    }
    colours[(level(r) * bins + level(g)) * bins + level(b)]! += 1 / brightness.length;
    brightness[cell] = r + g + b;
  }
  const mean = brightness.reduce((sum, value) => sum + value, 0) / brightness.length;
  return { colours, brightness: brightness.map((value) => value - mean) };
}

const pixel = (sample: number, side: number) => Math.floor(((sample + 0.5) / (cells * samples)) * side);

const level = (sum: number) => Math.floor((sum * bins) / (samples * samples * 256));

/** Cuts change at least half of the colours; a second of motion changes 7 % of them, a fast pan up to 30 %. */
const changedColours = 0.35;
/** Across cuts, brightness correlates by at most 0.5. When a light is switched, all colours change, but it stays above 0.9. */
const sameLayout = 0.7;

/** Whether a cut lies between two pictures: both their colours and their layout differ. Dissolves go unnoticed. */
export function isCut(before: Scene, after: Scene): boolean {
  return (
    changeOfColours(before, after) > changedColours &&
    correlation(before.brightness, after.brightness) < sameLayout
  );
}

/** The share of a picture whose colours another one does not have. */
export function changeOfColours({ colours }: Scene, other: Scene): number {
  return colours.reduce((sum, share, i) => sum + Math.abs(share - other.colours[i]!), 0) / 2;
}

/** Correlation of two lists with mean 0; 0 if one of them is constant. */
function correlation(a: Float64Array, b: Float64Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    ab += value * b[i]!;
    aa += value ** 2;
    bb += b[i]! ** 2;
  }
  return aa * bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
