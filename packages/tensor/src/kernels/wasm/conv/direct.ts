import { bitsOf, type FunctionCode } from '../assembler';
import type { Part } from '../run';
import type { InputImage } from './input-image';
import type { PackedPass } from './pack-filter';
import type { Pass } from './passes';
import { type ProductOptions, productArguments, productCode } from './product';

/** What the parts of a pass read and write. */
export interface PassData {
  readonly input: InputImage;
  /** Channels of the input and of the result. */
  readonly from: number;
  readonly to: number;
  /** Size of the result of all passes. */
  readonly images: number;
  readonly height: number;
  readonly width: number;
  /** Address of the packed filter of all passes. */
  readonly filter: number;
  /** Address of a float for each channel, or undefined. */
  readonly bias: number | undefined;
  readonly relu: boolean;
  /** Address of the result. */
  readonly result: number;
  /** Number of threads. */
  readonly threads: number;
}

const codes = new Map<number, FunctionCode>();

/** The code of a product for these pixels and columns. */
export function productFor(pixels: number, options: Omit<ProductOptions, 'rows'>): FunctionCode {
  const rows = rowsFor(pixels);
  const key = 4 * (8 * options.columns + rows) + 2 * Number(options.bias) + Number(options.inScratch);
  const code = codes.get(key) ?? productCode({ ...options, rows });
  codes.set(key, code);
  return code;
}

/** Up to 6 rows, whose sums fit into the registers, and as few as possible that are computed twice. */
function rowsFor(pixels: number): number {
  if (pixels < 4) return pixels;
  const computed = (rows: number) => rows * Math.ceil(pixels / rows);
  return [6, 5, 4].reduce((best, rows) => (computed(rows) < computed(best) ? rows : best));
}

const [floor, reluFloor] = [bitsOf(Number.NEGATIVE_INFINITY), bitsOf(0)];

/** Bits of the least value of a result. */
export const floorOf = (relu: boolean): number => (relu ? reluFloor : floor);

/** Least number of multiplications that is worth a part. */
const workOfPart = 2 ** 18;

/** Rows of results, one below the other. */
interface Lines {
  readonly count: number;
  readonly pixels: number;
  readonly a: number;
  readonly aLine: number;
  readonly out: number;
  readonly outLine: number;
}

/** The parts of a pass, by its definition. */
export function directParts({ pass, groups }: PackedPass, data: PassData): Part[] {
  const { input, from, to, bias, relu } = data;
  return linesOf(pass, data).map(({ count, pixels, a, aLine, out, outLine }) =>
    groups.map(({ panels, offset }) => ({
      code: productFor(pixels, { columns: panels.columns, bias: bias !== undefined, inScratch: false }),
      values: productArguments({
        batches: count,
        pixels,
        a,
        aPixel: pass.stride * input.pixel,
        aBatch: aLine,
        run: 4 * pass.columns * from,
        runs: pass.rows,
        aRun: input.row,
        b: data.filter + 4 * offset,
        bBatch: 0,
        panels: panels.count,
        bias: (bias ?? 0) + 4 * panels.first,
        floor: floorOf(relu),
        out: out + 4 * panels.first,
        outPixel: 4 * pass.outStride * to,
        outBatch: outLine,
      }),
    })),
  );
}

/** The results of a pass, as lines for each part. */
function linesOf(pass: Pass, { input, from, to, images, height, width, result, threads }: PassData): Lines[] {
  const { firstRow, firstColumn, outStride, stride } = pass;
  const pixel = 4 * to;
  const work = pass.rows * pass.columns * from * to;
  /** As many things for a part as all threads can share fairly, if there are so many multiplications for each. */
  const share = (all: number, workOfEach: number) =>
    threads === 1 ? all : Math.max(Math.ceil(all / (4 * threads)), Math.ceil(workOfPart / workOfEach));
  const aLine = stride * input.row;
  const outLine = outStride * width * pixel;
  // Where each result is computed from the pixel in its place, rows do not matter.
  if (
    pass.rows * pass.columns * stride * outStride === 1 &&
    input.isPlain &&
    input.row === width * input.pixel
  ) {
    const all = images * height * width;
    const step = share(all, work);
    return starts(all, step).map((first) => ({
      ...{ count: 1, pixels: Math.min(step, all - first), aLine, outLine },
      ...{ a: input.address + first * input.pixel, out: result + first * pixel },
    }));
  }
  const rows = Math.ceil((height - firstRow) / outStride);
  const pixels = Math.ceil((width - firstColumn) / outStride);
  if (pixels <= 0) return [];
  const step = share(rows, pixels * work);
  return starts(images, 1).flatMap((image) => {
    const a = input.address + image * input.image + pass.top * input.row + pass.left * input.pixel;
    const out = result + ((image * height + firstRow) * width + firstColumn) * pixel;
    return starts(rows, step).map((row) => ({
      ...{ count: Math.min(step, rows - row), pixels, aLine, outLine },
      ...{ a: a + row * aLine, out: out + row * outLine },
    }));
  });
}

/** The numbers from 0 to a limit, by a step. */
function starts(limit: number, step: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil(limit / step)) }, (_, i) => i * step);
}
