import { openTfjsBackend, type RuntimeFactory } from '@faceanim/tensor/backends';

/** Plain JavaScript (`@tensorflow/tfjs-backend-cpu`). Runs anywhere, ten to a hundred times slower than WASM. */
export const js: RuntimeFactory = {
  name: 'js',
  async open() {
    const { MathBackendCPU } = await import('@tensorflow/tfjs-backend-cpu');
    return openTfjsBackend({
      name: 'js',
      tfBackend: 'cpu',
      // firstUse: false suppresses the advertisement for tfjs-node that it prints in Node.
      create: () => Object.assign(new MathBackendCPU(), { firstUse: false }),
      describe: () => ({
        description: 'plain JavaScript (slow; 1 thread)',
        capabilities: { gpu: false, threads: 1 },
      }),
    });
  },
};
