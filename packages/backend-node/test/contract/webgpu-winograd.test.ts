import { registerWebgpuKernels } from '../../../tensor/src/kernels/webgpu';
import { openBackend } from '../../src/open-backend';
import { useSoftwareVulkan } from '../support/webgpu';
import { describeContract } from './support';

useSoftwareVulkan();

/** The images of the contract are too small for transformed tiles to save anything. */
const everywhere = { enough: 4, leastSaved: Number.NEGATIVE_INFINITY };

describeContract('webgpu', {
  with: 'transformed tiles everywhere',
  async open() {
    const backend = await openBackend({ prefer: 'webgpu', allowSoftware: true });
    registerWebgpuKernels(true, everywhere);
    return backend;
  },
  leakSteps: 10,
  longLeakSteps: 30,
  only: /frozen convolution|modulated convolution|pre-activated|lpips|heatmaps|projection of ten|leaks/,
  // SwiftShader compiles each form of a convolution for seconds.
  long: /^(?!frozen convolution, uneven padding)/,
});
