/** What the WGSL of a convolution depends on. Everything else is a uniform. */
export interface ConvCodeOptions {
  /** Whether to compute the transpose of the convolution, i.e. its gradient. */
  readonly transposed: boolean;
  /** Whether each phase has one tap, with a filter of its own: the places of transformed tiles. Default false. */
  readonly places?: boolean;
  /** Whether `weights` of a transpose have their channels exchanged, so that they read as those of a convolution. Default false. */
  readonly exchanged?: boolean;
  /** Those of the arrays `image`, `weights` and `result` whose channel count is not a multiple of 4. */
  readonly scalars: readonly string[];
  readonly bias: boolean;
  readonly relu: boolean;
  /** Operation fused into reading the image. */
  readonly before: Before | undefined;
  /** Operations fused into writing the result. */
  readonly after: After;
}

/** relu(image · scale + shift), the image where `gate` is above 0, or image · style. */
export type Before = 'affineRelu' | 'gate' | 'style';

/** Multiplication by the derivative of relu(at · scale + shift), and addition of some channels of `addend`. */
export interface After {
  readonly affineReluGradient: boolean;
  readonly addend: boolean;
}

export const nothing: After = { affineReluGradient: false, addend: false };

/** Part of the name of a program. */
export function nameOf(flags: readonly boolean[], { affineReluGradient, addend }: After): string {
  return [...flags, affineReluGradient, addend].map(Number).join('');
}

/** WGSL functions that all convolution programs use: to locate the work of a workgroup, to read and to write. */
export function convFunctions(options: ConvCodeOptions): string {
  const taps = options.places ? placeTaps : options.transposed ? transposedTaps : forwardTaps;
  return /* wgsl */ `
    ${workPlaces}
    ${taps}
    ${imageReader(options)}
    ${weightReader(options)}
    ${writer(options)}`;
}

/** A WGSL function from a row of the product to image, row and column in the grid of a phase. */
export const gridFunction = /* wgsl */ `
  fn gridOf(row : i32) -> vec3<i32> {
    let line = row / uniforms.gridWidth;
    return vec3<i32>(line / uniforms.gridHeight, line % uniforms.gridHeight, row % uniforms.gridWidth);
  }`;

/** From the number of a workgroup to its share of the work, and from a row of the product to a pixel. */
const workPlaces = /* wgsl */ `
  ${gridFunction}
  struct Place { columnTile : i32, rowTile : i32, phase : i32, split : i32 };

  fn placeOfWorkgroup() -> Place {
    let number = i32((workgroupId.z * numWorkgroups.y + workgroupId.y) * numWorkgroups.x + workgroupId.x);
    let rowTile = number / uniforms.columnTiles;
    let phase = rowTile / uniforms.rowTiles;
    let split = phase / uniforms.phases;
    return Place(number % uniforms.columnTiles, rowTile % uniforms.rowTiles, phase % uniforms.phases, split);
  }

  // The input pixel under the first tap. Rows beyond the last image lie outside of it.
  fn originOfRow(phase : vec2<i32>, grid : vec3<i32>) -> vec2<i32> {
    return select(vec2<i32>(-0x1000000), originOf(phase, grid.yz), grid.x < uniforms.batch);
  }

  // Index of the first channel of a pixel of the result; negative if there is no such pixel.
  fn startOfPixel(split : i32, phase : vec2<i32>, row : i32) -> i32 {
    let grid = gridOf(row);
    let pixel = pixelOf(phase, grid.yz);
    if (grid.x >= uniforms.batch || pixel.x >= uniforms.outHeight || pixel.y >= uniforms.outWidth) { return -1; }
    let image = split * uniforms.batch + grid.x;
    return ((image * uniforms.outHeight + pixel.x) * uniforms.outWidth + pixel.y) * uniforms.outChannels;
  }`;

const forwardTaps = /* wgsl */ `
  fn tapsOf(phase : vec2<i32>) -> vec2<i32> { return vec2<i32>(uniforms.kernelHeight, uniforms.kernelWidth); }
  fn firstTap(phase : vec2<i32>) -> vec2<i32> { return vec2<i32>(); }
  fn cellOf(first : vec2<i32>, tap : vec2<i32>) -> i32 { return tap.x * uniforms.kernelWidth + tap.y; }
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
  fn cellOf(first : vec2<i32>, tap : vec2<i32>) -> i32 {
    let cell = first + tap * uniforms.stride;
    return cell.x * uniforms.kernelWidth + cell.y;
  }
  fn pixelOf(phase : vec2<i32>, grid : vec2<i32>) -> vec2<i32> { return grid * uniforms.stride + phase; }
  fn originOf(phase : vec2<i32>, grid : vec2<i32>) -> vec2<i32> {
    return grid + (phase + vec2<i32>(uniforms.top, uniforms.left)) / uniforms.stride;
  }`;

const placeTaps = /* wgsl */ `
  fn tapsOf(phase : vec2<i32>) -> vec2<i32> { return vec2<i32>(1); }
  fn firstTap(phase : vec2<i32>) -> vec2<i32> { return phase; }
  fn cellOf(first : vec2<i32>, tap : vec2<i32>) -> i32 { return first.x * uniforms.stride + first.y; }
  fn pixelOf(phase : vec2<i32>, grid : vec2<i32>) -> vec2<i32> { return grid * uniforms.stride + phase; }
  fn originOf(phase : vec2<i32>, grid : vec2<i32>) -> vec2<i32> { return grid * uniforms.stride + phase; }`;

/** WGSL that reads four channels of the image, which are 0 beyond the last channel and outside of it. */
export function imageReader({ scalars, before }: Pick<ConvCodeOptions, 'scalars' | 'before'>): string {
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
    }`;
}

/** WGSL that reads four channels of the filters, which are 0 beyond the last channel. */
function weightReader({ transposed, exchanged = false, scalars }: ConvCodeOptions): string {
  const [rows, columns] =
    transposed && !exchanged ? ['outChannels', 'inChannels'] : ['inChannels', 'outChannels'];
  return /* wgsl */ `
    fn readWeights(cell : i32, input : i32, output : i32) -> vec4<f32> {
      if (input >= uniforms.${rows}) { return vec4<f32>(); }
      let line = (cell * uniforms.${rows} + input) * uniforms.${columns};
      ${readFour('weights', 'line', 'output', columns, scalars.includes('weights'))}
    }`;
}

/** WGSL that transforms `four`, four channels of a pixel, as they are read. Channel counts are multiples of 4. */
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

/** WGSL that writes four channels of the result, with what follows the sum. */
export function writer({
  scalars,
  bias,
  relu,
  after,
}: Pick<ConvCodeOptions, 'scalars' | 'bias' | 'relu' | 'after'>): string {
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

/** WGSL for bias and ReLU after the sum. */
export function finish(
  value: string,
  { bias, relu, type }: { bias: string | undefined; relu: boolean; type: string },
): string {
  return `${bias ? `${value} += ${bias};` : ''} ${relu ? `${value} = max(${value}, ${type}());` : ''}`;
}

/** WGSL that transforms a `V` of the result as it is written; element `i` and channel `c` count in fours. */
export function afterCode(value: string, { affineReluGradient, addend }: After): string {
  return `${affineReluGradient ? `${value} = select(V(), ${value} * scale[c], at[i] * scale[c] + shift[c] > V());` : ''}
    ${addend ? `${value} += addend[i / (uniforms.outChannels / 4) * uniforms.addendChannels + uniforms.addendStart + c];` : ''}`;
}
