import { type ConvCodeOptions, convFunctions } from './conv-functions';
import { each } from './each';

/** Pixels and channels of the result that a workgroup computes, and its number of invocations. */
export const dotTile = { name: 'dots', rows: 16, columns: 4, threads: 256 };
const rowsPerThread = 4;
const groups = dotTile.rows / rowsPerThread;
const lanes = dotTile.threads / groups;

/**
 * WGSL of a convolution, or of its transpose, with few pixels: a workgroup computes 16 pixels by 4 channels, and its
 * invocations split the sums over taps and channels rather than the result. They read both factors from global memory.
 */
export function dotProductsCode(options: ConvCodeOptions): string {
  const { transposed } = options;
  const rows = (code: (i: number) => string) => each(rowsPerThread, code);
  // In the transpose, the channels summed over are contiguous in the filters.
  const weights = (k: number) =>
    transposed
      ? `readWeights(cell, firstColumn + ${k}, channel)`
      : `readWeights(cell, channel + ${k}, firstColumn)`;
  const product = (i: number) =>
    transposed
      ? `vec4<f32>(${[0, 1, 2, 3].map((k) => `dot(image${i}, weights${k})`).join(', ')})`
      : [0, 1, 2, 3].map((k) => `image${i}[${k}] * weights${k}`).join(' + ');
  return /* wgsl */ `
    var<workgroup> sums : array<vec4<f32>, ${dotTile.rows * lanes}>;
    ${convFunctions(options)}

    fn main(i : i32) {
      let group = i32(localIndex) % ${groups};
      let lane = i32(localIndex) / ${groups};
      let place = placeOfWorkgroup();
      let phase = vec2<i32>(place.phase / uniforms.stride, place.phase % uniforms.stride);
      let firstRow = place.rowTile * ${dotTile.rows} + group * ${rowsPerThread};
      let firstColumn = place.columnTile * ${dotTile.columns};
      let first = firstTap(phase);
      let taps = tapsOf(phase);
      let fours = (uniforms.inChannels + 3) / 4;
      ${rows(
        (i) => `let grid${i} = gridOf(firstRow + ${i});
          let origin${i} = originOfRow(phase, grid${i});
          var sum${i} = vec4<f32>();`,
      )}
      // Tap number and group of four channels, and the steps to the next pair of them.
      var number = lane / fours;
      var four = lane % fours;
      let nextNumber = ${lanes} / fours;
      let nextFour = ${lanes} % fours;
      while (number < taps.x * taps.y) {
        let tap = vec2<i32>(number / taps.y, number % taps.y);
        let cell = cellOf(first, tap);
        let channel = four * 4;
        ${each(4, (k) => `let weights${k} = ${weights(k)};`)}
        ${rows(
          (i) => `let image${i} = readImage(grid${i}.x, origin${i} ${transposed ? '-' : '+'} tap, channel);
            sum${i} += ${product(i)};`,
        )}
        number += nextNumber;
        four += nextFour;
        if (four >= fours) { four -= fours; number++; }
      }
      ${rows((i) => `sums[(group * ${rowsPerThread} + ${i}) * ${lanes} + lane] = sum${i};`)}
      // 16 invocations reduce each of the 16 pixels.
      let row = i32(localIndex) / 16;
      let part = i32(localIndex) % 16;
      let at = row * ${lanes} + part;
      workgroupBarrier();
      sums[at] += sums[at + 16] + sums[at + 32] + sums[at + 48];
      for (var half = 8; half > 0; half /= 2) {
        workgroupBarrier();
        if (part < half) { sums[at] += sums[at + half]; }
      }
      // tfjs may start more workgroups than there is work for; their split is not 0.
      let start = startOfPixel(0, phase, place.rowTile * ${dotTile.rows} + row);
      if (part == 0 && start >= 0 && place.split == 0) { write(start, firstColumn, sums[at]); }
    }`;
}
