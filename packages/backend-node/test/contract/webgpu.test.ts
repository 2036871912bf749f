import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { describeContract } from './support';

// Without a GPU, Vulkan's software implementation that comes with Chromium on Debian.
const software = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (process.env.VK_ICD_FILENAMES === undefined && existsSync(software)) {
  process.env.VK_ICD_FILENAMES = software;
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
}

describeContract('webgpu', {
  leakSteps: 30,
  tooLarge: 2 ** 30 - 1,
  loseDevice: () => (tf.backend() as unknown as { device: { destroy(): void } }).device.destroy(),
});
