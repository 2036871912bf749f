import type * as tf from '@tensorflow/tfjs-core';
import { type PackFilterAttributes, packFilterName } from '../../../ops/conv/frozen-conv-kernel';
import { places } from '../../winograd';
import { webgpuKernel } from '../kernel';
import { largestArray, runProgram, shareData, vectorOf } from '../program';
import { filterToPlaces } from './tile-transforms';

/**
 * `faceanim/PackFilter` on WebGPU: transforms filters of 3 × 3 for steps of 1, unless no program could read them. Leaves others as
 * they are.
 */
export const packFilterKernel: tf.KernelConfig = webgpuKernel<'filter', PackFilterAttributes>(
  packFilterName,
  ({ filter }, { stride, transposed }) => {
    const [height, width, inChannels, outChannels] = filter.shape as [number, number, number, number];
    const hasTiles = height === 3 && width === 3 && stride === 1 && vectorOf(inChannels, outChannels) === 4;
    if (!hasTiles || places * inChannels * outChannels > largestArray()) return shareData(filter);
    const [rows, columns] = transposed ? [outChannels, inChannels] : [inChannels, outChannels];
    return runProgram({
      name: `filterToPlaces_${transposed}`,
      code: filterToPlaces(transposed),
      outputShape: [places, rows, columns],
      inputs: { weights: filter },
      integers: { rows, columns },
      workgroups: [Math.ceil((rows * columns) / 64), 1],
    });
  },
);

/** Whether a packed filter has been transformed, to `[place, in, out]`. */
export const isTransformed = ({ shape }: tf.TensorInfo): boolean => shape.length === 3;
