import type * as tf from '@tensorflow/tfjs-core';
import { type PackFilterAttributes, packFilterName } from '../../../ops/conv/frozen-conv-kernel';
import { places } from '../../winograd';
import { webgpuKernel } from '../kernel';
import { eachElement, largestArray, runProgram, shareData, vectorOf } from '../program';
import { filterToPlaces } from './tile-transforms';

/** WGSL that exchanges the channels of a filter, HWIO. */
const exchangeChannels = eachElement(/* wgsl */ `
  let at = i % (uniforms.rows * uniforms.columns);
  result[i] = weights[i - at + at % uniforms.columns * uniforms.rows + at / uniforms.columns];`);

/**
 * `faceanim/PackFilter` on WebGPU: exchanges the channels of filters for transposes, since products read them faster then. If
 * `byTiles`, transforms filters of 3 × 3 for steps of 1 instead, unless no program could read them. Leaves others as they are.
 */
export function packFilterKernel(byTiles: boolean): tf.KernelConfig {
  return webgpuKernel<'filter', PackFilterAttributes>(
    packFilterName,
    ({ filter }, { stride, transposed }) => {
      const [height, width, inChannels, outChannels] = filter.shape as [number, number, number, number];
      if (vectorOf(inChannels, outChannels) !== 4) return shareData(filter);
      const [rows, columns] = transposed ? [outChannels, inChannels] : [inChannels, outChannels];
      const hasTiles = byTiles && height === 3 && width === 3 && stride === 1;
      const pack = { inputs: { weights: filter }, integers: { rows, columns } };
      if (hasTiles && places * rows * columns <= largestArray()) {
        return runProgram({
          ...pack,
          name: `filterToPlaces_${transposed}`,
          code: filterToPlaces(transposed),
          outputShape: [places, rows, columns],
          workgroups: [Math.ceil((rows * columns) / 64), 1],
        });
      }
      if (!transposed) return shareData(filter);
      return runProgram({
        ...pack,
        name: 'exchangeChannels',
        code: exchangeChannels,
        outputShape: [height, width, rows, columns],
      });
    },
  );
}

/** Whether a packed filter has been transformed, to `[place, in, out]`. */
export const isTransformed = ({ shape }: tf.TensorInfo): boolean => shape.length === 3;

/** Whether a filter has been packed with its channels exchanged. */
export const isExchanged = (packed: tf.TensorInfo, filter: tf.TensorInfo): boolean =>
  !isTransformed(packed) && packed.dataId !== filter.dataId;
