import * as tf from '@tensorflow/tfjs-core';
import type { LandmarkNet } from '../contracts/landmark-net';
import type { StepPrograms } from './step-programs';

/** A landmark network that runs as a program, which backends may record: for tracking. It has no gradient. */
export function recordedNet(net: LandmarkNet, programs: StepPrograms): LandmarkNet {
  const { specificationVersion, inputSize, heatmapSize, points, groups } = net;
  return {
    ...{ specificationVersion, inputSize, heatmapSize, points, groups },
    heatmaps: (image) => {
      const program = programs.open(
        `landmarks ${image.shape}`,
        (inputs) => ({ heatmaps: net.heatmaps(inputs.image as typeof image) }),
        { image },
      );
      program.run();
      return tf.clone(program.tensor('heatmaps')) as tf.Tensor4D;
    },
    [Symbol.dispose]: () => {},
  };
}
