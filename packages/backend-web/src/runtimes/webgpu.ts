import {
  notLoaded,
  openWebgpuBackend,
  type RuntimeFactory,
  unavailable,
  type Webgpu,
} from '@faceanim/tensor/backends';

const tfjsPackage = { runtime: 'webgpu', name: '@tensorflow/tfjs-backend-webgpu' };

/** The browser's own WebGPU (`@tensorflow/tfjs-backend-webgpu`). */
export const webgpu: RuntimeFactory = {
  name: 'webgpu',
  async open(options) {
    const { gpu } = navigator as { gpu?: Webgpu };
    if (!gpu)
      throw unavailable('webgpu', reasonOfNone(), 'Use a current browser, over https or on localhost.');
    return openWebgpuBackend({ gpu, tfjs: await loadTfjs(), ...options });
  },
};

async function loadTfjs() {
  try {
    return await import('@tensorflow/tfjs-backend-webgpu');
  } catch (cause) {
    throw notLoaded(tfjsPackage, cause);
  }
}

function reasonOfNone(): string {
  return globalThis.isSecureContext ? 'this browser has no WebGPU' : 'the page is not a secure context';
}
