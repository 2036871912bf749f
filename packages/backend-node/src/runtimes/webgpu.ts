import { existsSync } from 'node:fs';
import {
  importOptional,
  openWebgpuBackend,
  type RuntimeFactory,
  unavailable,
  type Webgpu,
} from '@faceanim/tensor/backends';

/** Created once, since tfjs finds `navigator.gpu` and the WebGPU classes among the globals. */
let provided: Webgpu | undefined;

const install = 'npm install webgpu @tensorflow/tfjs-backend-webgpu';

/** WebGPU on the machine's GPU: `@tensorflow/tfjs-backend-webgpu` on Dawn (npm `webgpu`). */
export const webgpu: RuntimeFactory = {
  name: 'webgpu',
  async open(options) {
    if (!options.allowSoftware && !hasGpuDevice()) {
      throw unavailable(
        'webgpu',
        'this machine has no GPU device',
        `Install the driver of the GPU, and run: ${install}. A software adapter, slower than wasm, takes allowSoftware: true.`,
      );
    }
    const dawn = await importOptional({ runtime: 'webgpu', name: 'webgpu', install }, () => import('webgpu'));
    provided ??= provide(dawn, options.matrixUnits ? [`enable-dawn-features=${matrixFeatures}`] : []);
    const tfjs = await importOptional(
      { runtime: 'webgpu', name: '@tensorflow/tfjs-backend-webgpu', install },
      () => import('@tensorflow/tfjs-backend-webgpu'),
    );
    return openWebgpuBackend({ gpu: provided, tfjs, ...options });
  },
};

/**
 * Whether there may be a GPU. On Linux this looks for device files, since Dawn would print warnings of every Vulkan driver
 * that is installed without a GPU.
 */
function hasGpuDevice(): boolean {
  const devices = ['/dev/dri', '/dev/nvidia0', '/dev/dxg'];
  return process.platform !== 'linux' || devices.some((path) => existsSync(path));
}

/** Features of Dawn that matrix units need. */
export const matrixFeatures = [
  'allow_unsafe_apis',
  'vulkan_enable_f16_on_nvidia',
  'use_vulkan_memory_model',
] as const;

/** Defines the globals that a browser has: the WebGPU classes and `navigator.gpu`. */
function provide(
  { create, globals }: { create(options: string[]): unknown; globals: object },
  options: string[],
): Webgpu {
  const gpu = create(options) as Webgpu;
  Object.assign(globalThis, globals);
  // Node 20 has no navigator.
  if (!('navigator' in globalThis))
    Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
  return gpu;
}
