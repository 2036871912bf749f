import {
  isSoftwareAdapter,
  notLoaded,
  openTfjsBackend,
  type RuntimeFactory,
  softwareOnly,
  unavailable,
} from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';
import { reportWebglFaults } from './webgl-faults';

const tfjsPackage = { runtime: 'webgl', name: '@tensorflow/tfjs-backend-webgl' };

/** WebGL 2 (`@tensorflow/tfjs-backend-webgl`), with 32-bit float textures. */
export const webgl: RuntimeFactory = {
  name: 'webgl',
  async open({ allowSoftware }) {
    try {
      await import('@tensorflow/tfjs-backend-webgl');
    } catch (cause) {
      throw notLoaded(tfjsPackage, cause);
    }
    const hint = 'Turn on hardware acceleration in the browser, or use the wasm backend.';
    if (tf.env().getNumber('WEBGL_VERSION') < 2) throw unavailable('webgl', 'there is no WebGL 2', hint);
    const renderer = rendererName();
    if (!allowSoftware && isSoftwareAdapter(renderer)) throw softwareOnly('webgl', renderer);
    if (!tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) {
      throw unavailable('webgl', 'this GPU draws no 32-bit floats', 'Use the wasm backend.');
    }
    return openTfjsBackend({
      name: 'webgl',
      tfBackend: 'webgl',
      hint,
      describe: (started) => {
        reportWebglFaults(started);
        return { description: `WebGL 2 (${renderer})`, capabilities: { gpu: true, float16: false } };
      },
    });
  },
};

/** The name of the GPU, which some browsers hide. */
function rendererName(): string {
  const canvas = new OffscreenCanvas(1, 1);
  const gl = canvas.getContext('webgl2');
  if (!gl) return 'unknown GPU';
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return name;
}
