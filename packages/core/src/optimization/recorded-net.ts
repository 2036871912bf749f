import { asImageTensor, toUnit } from '@faceanim/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import type { LandmarkNet } from '../contracts/landmark-net';
import type { RecordedNet } from '../landmarks/detect';
import { subpixelPeaks } from '../landmarks/subpixel-peaks';
import type { StepPrograms } from './step-programs';

/** Options of {@link recordedNet}. */
export interface RecordedNetOptions {
  /** Whether pictures are cropped in a quarter of the time; see {@link RecordedNet.spacing}. Default false. */
  readonly coarse?: boolean;
}

/** A landmark network that runs as a program, which backends may record: for tracking. It has no gradient. */
export function recordedNet(
  net: LandmarkNet,
  programs: StepPrograms,
  { coarse = false }: RecordedNetOptions = {},
): RecordedNet {
  const { specificationVersion, inputSize, heatmapSize, points, groups } = net;
  const step = ({ pixels }: tf.NamedTensorMap) => ({
    peaks: subpixelPeaks(net.heatmaps(toUnit(asImageTensor(pixels!, 'byte'), 'byte'))),
  });
  return {
    ...{ specificationVersion, inputSize, heatmapSize, points, groups },
    spacing: coarse ? 2 : 1,
    heatmaps: (image) => net.heatmaps(image),
    read({ width, height, data }) {
      const pixels = { shape: [1, height, width, 3], data: new Float32Array(data) };
      const program = programs.open('landmarks', step, { pixels });
      program.run();
      return program.read('peaks');
    },
    [Symbol.dispose]: () => {},
  };
}
