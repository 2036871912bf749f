import type { MatrixUnit } from '../../../tensor/src/kernels/webgpu/conv/matrix-unit';

/**
 * What matrix units do, in plain WGSL for a device without: each of the 32 invocations adds up 8 of 256 sums. Factors are
 * rounded to halves, as they are there, but take the room of floats.
 */
export function emulatedMatrices(): MatrixUnit {
  /** Elements of the factors by row and column. */
  const factors = new Map<string, (row: string, column: string) => string>();
  const each8 = (code: string) => `for (var h = 0; h < 8; h++) { let e = lane * 8 + h; ${code} }`;
  const load = (name: string, array: string, offset: string, strides: [number, number]): string => {
    factors.set(
      name,
      (row, column) => `${array}[${name} + ${row} * ${strides[0]} + ${column} * ${strides[1]}]`,
    );
    return `let ${name} = ${offset};`;
  };
  return {
    depth: 16,
    declarations: `
      alias half = f32;
      fn toHalves(value : vec4<f32>) -> vec4<f32> {
        return quantizeToF16(clamp(value, vec4<f32>(-65504.0), vec4<f32>(65504.0)));
      }`,
    sum: (name) => `var ${name} : array<f32, 8>;`,
    loadLeft: (name, array, offset, stride) => load(name, array, offset, [stride, 1]),
    loadRight: (name, array, offset, stride, columns) =>
      load(name, array, offset, columns ? [1, stride] : [stride, 1]),
    multiplyAdd: (sum, left, right) => {
      const [a, b] = [factors.get(left)!('(e / 16)', 'm'), factors.get(right)!('m', '(e % 16)')];
      return each8(`for (var m = 0; m < 16; m++) { ${sum}[h] += ${a} * ${b}; }`);
    },
    store: (sum, array, offset) => each8(`${array}[${offset} + e] = ${sum}[h];`),
  };
}
