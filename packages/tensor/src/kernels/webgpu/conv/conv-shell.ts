/** What the code of a convolution depends on; everything else is a uniform. */
export interface ConvCodeOptions {
  /** The transpose of the convolution, that is, its gradient. */
  readonly transposed: boolean;
  /** Arrays, among `image`, `weights` and `result`, whose channels do not come in fours. */
  readonly scalars: readonly string[];
  readonly bias: boolean;
  readonly relu: boolean;
  /** What is done to the image where it is read. */
  readonly before: Before | undefined;
  /** What is done to the result in the end. */
  readonly after: After;
}

/** relu(image · scale + shift), the image where `gate` is above 0, or the image · style. */
export type Before = 'affineRelu' | 'gate' | 'style';

/** The gradient of relu(at · scale + shift), and the sum with some channels of `rest`. */
export interface After {
  readonly affineReluGradient: boolean;
  readonly rest: boolean;
}

/** Extent of a workgroup's part of a product of matrices: pixels, output channels, and input channels at a time. */
export interface TileSize {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/** A size of tile with a way to compute it. */
export interface ConvTile extends TileSize {
  /** Different for different code. */
  readonly name: string;
  /** Invocations in a workgroup. */
  readonly threads: number;
  code(transposed: boolean): TileCode;
}

/** How a workgroup multiplies the tiles of both factors: WGSL around the loop over taps and input channels. */
export interface TileCode {
  /** Arrays in workgroup memory. */
  readonly memory: string;
  /** Variables, before the loop. */
  readonly setUp: string;
  /** Writes four channels of a row of the tile of the image into workgroup memory. */
  storeImage(row: string, channel: string, value: string): string;
  /** The fours of the tile of the filters that an invocation moves from global to workgroup memory. */
  readonly weights: Moves;
  /** Adds the product of the two tiles to the sums. */
  readonly multiply: string;
  /** Writes the sums. */
  readonly end: string;
}

/** Parts of a tile that the invocations of a workgroup move, each `slots` of them. */
export interface Moves {
  /** Number of parts in the tile. */
  readonly total: number;
  /** The variable of a part, and what tells its place, from its number `slot`. */
  setUp(slot: string, s: number): string;
  /** From global memory into the variable. */
  load(s: number): string;
  /** From the variable into workgroup memory. */
  store(s: number): string;
}

/**
 * WGSL of a convolution, or of its transpose, as a product of matrices that are never written down (implicit GEMM):
 * rows are pixels of the result, columns its channels, and the sum runs over taps and input channels. A workgroup
 * computes a tile of the result from tiles of both factors in its memory; while it multiplies one pair of them the
 * next is on its way from global memory into registers.
 *
 * The transpose reads the same filters. Its pixels (stride · m + phase) of one phase share their taps, so each phase
 * is a product of its own and nothing is multiplied by inserted zeros (Shi et al. 2016, arXiv 1609.05158).
 *
 * Arrays: `image` NHWC, `weights` HWIO, `bias`, and `result` NHWC, one after the other for the parts of a cut sum.
 */
export function convCode(tile: ConvTile, options: ConvCodeOptions): string {
  const { threads } = tile;
  const { transposed } = options;
  const code = tile.code(transposed);
  const image = imageMoves(tile, transposed, code.storeImage);
  const moves = [
    { ...image, name: 'image' },
    { ...code.weights, name: 'weights' },
  ];
  /** Code for each part that an invocation moves, with a check where there are fewer parts than invocations. */
  const move = (step: 'load' | 'store') =>
    moves
      .map(({ name, total, ...steps }) =>
        each(Math.ceil(total / threads), (s) =>
          total % threads === 0 ? steps[step](s) : `if (${name}Slot${s} < ${total}) { ${steps[step](s)} }`,
        ),
      )
      .join('');
  const setUpMoves = moves
    .map(({ name, total, setUp }) =>
      each(
        Math.ceil(total / threads),
        (s) => `let ${name}Slot${s} = local + ${s * threads}; ${setUp(`${name}Slot${s}`, s)}`,
      ),
    )
    .join('');
  return /* wgsl */ `
    var<workgroup> sharedPlace : Place;
    ${code.memory}
    ${convFunctions(options)}

    fn main(i : i32) {
      let local = i32(localIndex);
      // Barriers want to be told that a value is the same in the whole workgroup.
      if (local == 0) { sharedPlace = placeOfWorkgroup(); }
      let place = workgroupUniformLoad(&sharedPlace);
      if (place.split >= uniforms.splits) { return; }
      let firstRow = place.rowTile * ${tile.rows};
      let firstColumn = place.columnTile * ${tile.columns};
      let phase = vec2<i32>(place.phase / uniforms.stride, place.phase % uniforms.stride);
      let taps = tapsOf(phase);
      let tapCount = taps.x * taps.y;
      let steps = tapCount * ((uniforms.inChannels + ${tile.depth - 1}) / ${tile.depth});
      let stepsPerSplit = (steps + uniforms.splits - 1) / uniforms.splits;
      let begin = min(steps, place.split * stepsPerSplit);
      let end = min(steps, begin + stepsPerSplit);
      // Taps change faster than channels: neighbouring taps read the same pixels, which are in the cache by then.
      var channel = begin / max(1, tapCount) * ${tile.depth};
      var tap = vec2<i32>(begin % max(1, tapCount) / max(1, taps.y), begin % max(1, taps.y));
      ${setUpMoves}
      ${code.setUp}

      for (var step = begin; step <= end; step++) {
        if (step < end) {
          let cell = cellOf(phase, tap);
          ${move('load')}
          tap.y++;
          if (tap.y == taps.y) { tap = vec2<i32>(tap.x + 1, 0); }
          if (tap.x == taps.x) { tap.x = 0; channel += ${tile.depth}; }
        }
        if (step > begin) {
          ${code.multiply}
        }
        workgroupBarrier();
        ${move('store')}
        workgroupBarrier();
      }
      ${code.end}
    }`;
}

/** WGSL that every way to compute a convolution stands on: what a workgroup computes, reading and writing. */
export function convFunctions(options: ConvCodeOptions): string {
  return /* wgsl */ `
    ${places}
    ${options.transposed ? transposedTaps : forwardTaps}
    ${readers(options)}
    ${writer(options)}`;
}

/** Moves fours of channels of pixels. */
function imageMoves({ rows, depth }: TileSize, transposed: boolean, store: TileCode['storeImage']): Moves {
  return {
    total: (rows * depth) / 4,
    setUp: (slot, s) => /* wgsl */ `
      let grid${s} = gridOf(firstRow + ${slot} / ${depth / 4});
      let origin${s} = originOfRow(phase, grid${s});
      let imageRow${s} = ${slot} / ${depth / 4};
      let imageChannel${s} = ${slot} % ${depth / 4} * 4;
      var image${s} = vec4<f32>();`,
    load: (s) =>
      `image${s} = readImage(grid${s}.x, origin${s} ${transposed ? '-' : '+'} tap, channel + imageChannel${s});`,
    store: (s) => store(`imageRow${s}`, `imageChannel${s}`, `image${s}`),
  };
}

/** From the number of a workgroup to its part of the work, and from a row of the product to a pixel. */
const places = /* wgsl */ `
  struct Place { columnTile : i32, rowTile : i32, phase : i32, split : i32 };

  fn placeOfWorkgroup() -> Place {
    let number = i32((workgroupId.z * numWorkgroups.y + workgroupId.y) * numWorkgroups.x + workgroupId.x);
    let rowTile = number / uniforms.columnTiles;
    let phase = rowTile / uniforms.rowTiles;
    let split = phase / uniforms.phases;
    return Place(number % uniforms.columnTiles, rowTile % uniforms.rowTiles, phase % uniforms.phases, split);
  }

  // Image, and row and column in the grid of a phase.
  fn gridOf(row : i32) -> vec3<i32> {
    let line = row / uniforms.gridWidth;
    return vec3<i32>(line / uniforms.gridHeight, line % uniforms.gridHeight, row % uniforms.gridWidth);
  }

  // The input pixel under the first tap. Rows beyond the last image lie outside of it.
  fn originOfRow(phase : vec2<i32>, grid : vec3<i32>) -> vec2<i32> {
    return select(vec2<i32>(-0x1000000), originOf(phase, grid.yz), grid.x < uniforms.batch);
  }

  // Where the channels of a pixel of the result begin; negative where there is no such pixel.
  fn startOfPixel(split : i32, phase : vec2<i32>, row : i32) -> i32 {
    let grid = gridOf(row);
    let pixel = pixelOf(phase, grid.yz);
    if (grid.x >= uniforms.batch || pixel.x >= uniforms.outHeight || pixel.y >= uniforms.outWidth) { return -1; }
    let image = split * uniforms.batch + grid.x;
    return ((image * uniforms.outHeight + pixel.x) * uniforms.outWidth + pixel.y) * uniforms.outChannels;
  }`;

const forwardTaps = /* wgsl */ `
  fn tapsOf(phase : vec2<i32>) -> vec2<i32> { return vec2<i32>(uniforms.kernelHeight, uniforms.kernelWidth); }
  fn cellOf(phase : vec2<i32>, tap : vec2<i32>) -> i32 { return tap.x * uniforms.kernelWidth + tap.y; }
  fn pixelOf(phase : vec2<i32>, grid : vec2<i32>) -> vec2<i32> { return grid; }
  fn originOf(phase : vec2<i32>, grid : vec2<i32>) -> vec2<i32> {
    return grid * uniforms.stride - vec2<i32>(uniforms.top, uniforms.left);
  }`;

const transposedTaps = /* wgsl */ `
  fn tapsOf(phase : vec2<i32>) -> vec2<i32> {
    let first = firstTap(phase);
    let kernel = vec2<i32>(uniforms.kernelHeight, uniforms.kernelWidth);
    return max(vec2<i32>(), (kernel - first + uniforms.stride - 1) / uniforms.stride);
  }
  fn firstTap(phase : vec2<i32>) -> vec2<i32> {
    return (phase + vec2<i32>(uniforms.top, uniforms.left)) % vec2<i32>(uniforms.stride);
  }
  fn cellOf(phase : vec2<i32>, tap : vec2<i32>) -> i32 {
    let cell = firstTap(phase) + tap * uniforms.stride;
    return cell.x * uniforms.kernelWidth + cell.y;
  }
  fn pixelOf(phase : vec2<i32>, grid : vec2<i32>) -> vec2<i32> { return grid * uniforms.stride + phase; }
  fn originOf(phase : vec2<i32>, grid : vec2<i32>) -> vec2<i32> {
    return grid + (phase + vec2<i32>(uniforms.top, uniforms.left)) / uniforms.stride;
  }`;

/** Four values from an array, zero beyond its channels. */
function readers({ transposed, scalars, before }: ConvCodeOptions): string {
  const [rows, columns] = transposed ? ['outChannels', 'inChannels'] : ['inChannels', 'outChannels'];
  return /* wgsl */ `
    fn readImage(n : i32, pixel : vec2<i32>, channel : i32) -> vec4<f32> {
      if (any(pixel < vec2<i32>()) || any(pixel >= vec2<i32>(uniforms.inHeight, uniforms.inWidth))) {
        return vec4<f32>();
      }
      let line = (n * uniforms.inHeight + pixel.x) * uniforms.inWidth + pixel.y;
      let four = readFourOfImage(line * uniforms.imageChannels + uniforms.imageStart, channel);
      return ${beforeCode(before)};
    }

    fn readFourOfImage(line : i32, channel : i32) -> vec4<f32> {
      ${readFour('image', 'line', 'channel', 'inChannels', scalars.includes('image'))}
    }

    fn readWeights(cell : i32, input : i32, output : i32) -> vec4<f32> {
      if (input >= uniforms.${rows}) { return vec4<f32>(); }
      let line = (cell * uniforms.${rows} + input) * uniforms.${columns};
      ${readFour('weights', 'line', 'output', columns, scalars.includes('weights'))}
    }`;
}

/** WGSL for what becomes of `four`, four channels of a pixel. Its channels come in fours. */
function beforeCode(before: Before | undefined): string {
  if (before === 'affineRelu') return 'max(four * scale[channel / 4] + shift[channel / 4], vec4<f32>())';
  if (before === 'gate') {
    return 'select(vec4<f32>(), four, gate[(line * uniforms.imageChannels + channel) / 4] > vec4<f32>())';
  }
  if (before === 'style') return 'four * style[(n * uniforms.inChannels + channel) / 4]';
  return 'four';
}

function readFour(array: string, line: string, channel: string, channels: string, scalar: boolean): string {
  const start = `if (${channel} >= uniforms.${channels}) { return vec4<f32>(); }
    let i = ${line} + ${channel};`;
  if (!scalar) return `${start} return ${array}[i / 4];`;
  return `${start}
    var value = vec4<f32>(${array}[i], 0.0, 0.0, 0.0);
    ${[1, 2, 3].map((k) => `if (${channel} + ${k} < uniforms.${channels}) { value[${k}] = ${array}[i + ${k}]; }`).join('\n')}
    return value;`;
}

/** Four channels of the result, finished. */
function writer({ scalars, bias, relu, after }: ConvCodeOptions): string {
  const biasAt = (index: string) => (bias ? `bias[${index}]` : undefined);
  const store = scalars.includes('result')
    ? `for (var k = 0; k < 4 && channel + k < uniforms.outChannels; k++) {
        var value = sum[k];
        ${finish('value', { bias: biasAt('channel + k'), relu, type: 'f32' })}
        result[start + channel + k] = value;
      }`
    : `if (channel < uniforms.outChannels) {
        var value = sum;
        let i = (start + channel) / 4;
        let c = channel / 4;
        ${finish('value', { bias: biasAt('c'), relu, type: 'V' })}
        ${afterCode('value', after)}
        result[i] = value;
      }`;
  return `fn write(start : i32, channel : i32, sum : vec4<f32>) { ${store} }`;
}

/** What follows the sum: bias and ReLU. */
export function finish(
  value: string,
  { bias, relu, type }: { bias: string | undefined; relu: boolean; type: string },
): string {
  return `${bias ? `${value} += ${bias};` : ''} ${relu ? `${value} = max(${value}, ${type}());` : ''}`;
}

/** WGSL for what is done to a `V` of the result at element `i`, channel `c`, both in fours. */
export function afterCode(value: string, { affineReluGradient, rest }: After): string {
  return `${affineReluGradient ? `${value} = select(V(), ${value} * scale[c], at[i] * scale[c] + shift[c] > V());` : ''}
    ${rest ? `${value} += rest[i / (uniforms.outChannels / 4) * uniforms.restChannels + uniforms.restStart + c];` : ''}`;
}

/** The code for 0 .. count - 1. */
export function each(count: number, code: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => `${code(i)}\n`).join('');
}
