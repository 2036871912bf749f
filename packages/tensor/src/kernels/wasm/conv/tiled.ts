import { places, reach, tile } from '../../winograd';
import type { Part } from '../run';
import { floorOf, type PassData, productFor } from './direct';
import { type PackedPass, paddedWidth } from './pack-filter';
import { productArguments } from './product';
import { pixelsToPlaces, placesToPixels, tilesInScratch, transformArguments } from './winograd';

/** The parts of a pass by transformed tiles. The size of its result must be a multiple of that of a tile. */
export function tiledParts(packed: PackedPass, data: PassData): Part[] {
  const { from, to, images, height, width, threads } = data;
  const tileRows = height / tile;
  const tiles = width / tile;
  const most = tilesInScratch(from, to);
  const columns = Math.min(tiles, most);
  const fair = Math.ceil((images * tileRows * Math.ceil(tiles / columns)) / (4 * threads));
  const rows = Math.max(1, Math.min(Math.floor(most / columns), fair, tileRows));
  const parts: Part[] = [];
  for (let image = 0; image < images; image++) {
    for (let top = 0; top < tileRows; top += rows) {
      for (let left = 0; left < tiles; left += columns) {
        const block = {
          ...{ top, tileRows: Math.min(rows, tileRows - top) },
          ...{ left, tiles: Math.min(columns, tiles - left) },
        };
        parts.push(blockOf(packed, data, image, block));
      }
    }
  }
  return parts;
}

function blockOf(
  { pass, groups }: PackedPass,
  { input, from, to, height, width, filter, bias, relu, result }: PassData,
  image: number,
  { top, tileRows, left, tiles }: Readonly<Record<'top' | 'tileRows' | 'left' | 'tiles', number>>,
): Part {
  const all = tileRows * tiles;
  const grid = (address: number, channels: number) => {
    const pixel = 4 * channels;
    // An odd number of cache lines: those of the places of a tile do not compete for the same part of the cache.
    const place = 64 * (2 * Math.floor((all * pixel + 63) / 128) + 1);
    return { address, row: reach * place, column: place, tile: pixel, tileRow: tiles * pixel };
  };
  const pixels = (address: number, row: number, pixel: number) => ({
    address: address + tile * (top * row + left * pixel),
    row,
    column: pixel,
    tile: tile * pixel,
    tileRow: tile * row,
  });
  const transformed = grid(0, from);
  const sums = grid(places * transformed.column, to);
  const source = input.address + image * input.image + pass.top * input.row + pass.left * input.pixel;
  const target = result + 4 * image * height * width * to;
  return [
    {
      code: pixelsToPlaces,
      values: transformArguments({
        tileRows,
        tiles,
        channels: from,
        from: pixels(source, input.row, input.pixel),
        to: transformed,
      }),
    },
    ...groups.map(({ panels, offset }) => ({
      code: productFor(all, { columns: panels.columns, bias: false, inScratch: true }),
      values: productArguments({
        batches: places,
        pixels: all,
        a: transformed.address,
        aPixel: transformed.tile,
        aBatch: transformed.column,
        run: transformed.tile,
        runs: 1,
        aRun: 0,
        b: filter + 4 * offset,
        bBatch: 4 * from * paddedWidth(panels),
        panels: panels.count,
        bias: 0,
        floor: floorOf(false),
        out: sums.address + 4 * panels.first,
        outPixel: sums.tile,
        outBatch: sums.column,
      }),
    })),
    {
      code: placesToPixels(bias !== undefined),
      values: transformArguments({
        tileRows,
        tiles,
        channels: to,
        from: sums,
        to: pixels(target, 4 * width * to, 4 * to),
        bias,
        floor: floorOf(relu),
      }),
    },
  ];
}
