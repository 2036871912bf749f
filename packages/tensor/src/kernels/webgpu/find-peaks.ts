import type { PeakOptions } from '../../ops/find-peaks';
import { webgpuKernel } from './kernel';
import { runProgram } from './program';

/** Threads of a workgroup, which share the cells of a map. */
const threads = 256;

/** `faceanim/FindPeaks` in one pass over the maps. */
export const findPeaksKernel = webgpuKernel<'x', PeakOptions>(
  'faceanim/FindPeaks',
  ({ x }, { radius, sharpness }) => {
    const [n, height, width, points] = x.shape as [number, number, number, number];
    return runProgram({
      name: 'findPeaks',
      outputShape: [n, points, 3],
      inputs: { x },
      threads,
      integers: { height, width, points, radius },
      floats: { sharpness },
      workgroups: [points, n],
      code: `var<workgroup> heats : array<f32, ${threads}>;
var<workgroup> cells : array<i32, ${threads}>;
var<workgroup> sums : array<vec3<f32>, ${threads}>;
fn main(_i : i32) {
  let map = i32(workgroupId.x);
  let image = i32(workgroupId.y);
  let first = image * uniforms.height * uniforms.width * uniforms.points + map;
  var heat = x[first];
  var cell = 0;
  for (var k = i32(localIndex); k < uniforms.height * uniforms.width; k += ${threads}) {
    let other = x[first + k * uniforms.points];
    if (other > heat) { heat = other; cell = k; }
  }
  heats[localIndex] = heat;
  cells[localIndex] = cell;
  for (var step = ${threads / 2}u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (localIndex < step) {
      let other = heats[localIndex + step];
      let otherCell = cells[localIndex + step];
      if (other > heats[localIndex] || (other == heats[localIndex] && otherCell < cells[localIndex])) {
        heats[localIndex] = other;
        cells[localIndex] = otherCell;
      }
    }
  }
  workgroupBarrier();
  let highest = heats[0];
  let row = cells[0] / uniforms.width;
  let column = cells[0] % uniforms.width;
  let side = 2 * uniforms.radius + 1;
  var sum = vec3<f32>(0);
  for (var k = i32(localIndex); k < side * side; k += ${threads}) {
    let y = row + k / side - uniforms.radius;
    let x_ = column + k % side - uniforms.radius;
    if (x_ >= 0 && y >= 0 && x_ < uniforms.width && y < uniforms.height) {
      let at = first + (y * uniforms.width + x_) * uniforms.points;
      sum += exp(uniforms.sharpness * (x[at] - highest)) * vec3<f32>(f32(x_) + 0.5, f32(y) + 0.5, 1);
    }
  }
  sums[localIndex] = sum;
  for (var step = ${threads / 2}u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (localIndex < step) { sums[localIndex] += sums[localIndex + step]; }
  }
  if (localIndex == 0u) {
    let at = 3 * (image * uniforms.points + map);
    result[at] = sums[0].x / sums[0].z;
    result[at + 1] = sums[0].y / sums[0].z;
    result[at + 2] = highest;
  }
}`,
    });
  },
);
