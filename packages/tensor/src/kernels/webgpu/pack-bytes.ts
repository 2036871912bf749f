import { webgpuKernel } from './kernel';
import { eachElement, runProgram } from './program';

/** `faceanim/PackBytes` in one pass. */
export const packBytesKernel = webgpuKernel<'x'>('faceanim/PackBytes', ({ x }) =>
  runProgram({
    name: 'packBytes',
    outputShape: [x.shape.reduce((product, side) => product * side, 1) / 4],
    inputs: { x },
    vector: 4,
    scalarResult: true,
    dtype: 'int32',
    code: eachElement(`let bytes = vec4<u32>(clamp(round(x[i]), V(0), V(255)));
  result[i] = i32(bytes.x | (bytes.y << 8u) | (bytes.z << 16u) | (bytes.w << 24u));`),
  }),
);
