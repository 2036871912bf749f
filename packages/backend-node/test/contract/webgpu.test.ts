import * as tf from '@tensorflow/tfjs-core';
import { useSoftwareVulkan } from '../support/webgpu';
import { describeContract } from './support';

useSoftwareVulkan();

describeContract('webgpu', {
  leakSteps: 10,
  longLeakSteps: 30,
  // SwiftShader compiles each form of a convolution for seconds; kernels/ has fast ones too.
  long: /convolution.* on 1 × 12|modulated (transposed )?convolution|pre-activated|to odd channels|frozen convolution(,| with ReLU| 1 × 1| 3 × 3 with|.* stride)|transposed frozen|large/,
  tooLarge: 2 ** 30 - 1,
  loseDevice: () => (tf.backend() as unknown as { device: { destroy(): void } }).device.destroy(),
});
