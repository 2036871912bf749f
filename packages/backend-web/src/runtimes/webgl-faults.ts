import { FaceanimError } from '@faceanim/tensor';
import { deviceLost, markBroken, outOfMemory } from '@faceanim/tensor/backends';
import type * as tf from '@tensorflow/tfjs-core';

/** The part of tfjs' WebGL backend that is patched. */
interface WebglTfBackend extends tf.KernelBackend {
  readonly gpgpu: { readonly gl: WebGL2RenderingContext; itemsToPoll: unknown[] };
  runWebGLProgram(...args: unknown[]): unknown;
  uploadToGPU(...args: unknown[]): unknown;
}

const watched = new WeakSet<tf.KernelBackend>();

/** Makes a WebGL backend throw `device-lost` after its context was lost, and `out-of-memory` for failed textures. */
export function reportWebglFaults(backend: tf.KernelBackend): void {
  if (watched.has(backend)) return;
  watched.add(backend);
  const webgl = backend as WebglTfBackend;
  const { gpgpu } = webgl;
  const { gl } = gpgpu;
  // After the context is lost, WebGL raises no error and reads zeros.
  const explain = (error?: unknown): unknown => {
    if (FaceanimError.isInstance(error)) return error;
    if (gl.isContextLost()) {
      markBroken(backend);
      return deviceLost('webgl', 'the browser took the WebGL context away', error);
    }
    if (gl.getError() === gl.OUT_OF_MEMORY) return outOfMemory('webgl', { cause: error });
    return isTooLarge(error) ? outOfMemory('webgl', { cause: error }) : error;
  };
  for (const method of ['runWebGLProgram', 'uploadToGPU'] as const) {
    const run = webgl[method].bind(webgl);
    webgl[method] = (...args) => {
      try {
        return run(...args);
      } catch (error) {
        throw explain(error);
      }
    };
  }
  // A fence of a lost context is never signalled, and tfjs would wait for it forever.
  const reads = new Set<(fault: unknown) => void>();
  const failAll = () => {
    gpgpu.itemsToPoll = [];
    for (const fail of reads) fail(explain());
  };
  gl.canvas.addEventListener('webglcontextlost', failAll, { once: true });
  const read = webgl.read.bind(webgl);
  webgl.read = async (dataId) => {
    if (gl.isContextLost()) throw explain();
    let fail = (_: unknown) => {};
    // One for each read: a promise that lives as long as the backend would hold all values that were ever read.
    const lost = new Promise<never>((_, reject) => (fail = reject));
    reads.add(fail);
    try {
      const values = await Promise.race([read(dataId), lost]);
      const fault = explain();
      if (fault) throw fault;
      return values;
    } catch (error) {
      throw explain(error);
    } finally {
      reads.delete(fail);
    }
  };
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && /texture size .* greater than|unable to create/i.test(error.message);
}
