import { openTfjsBackend, type RuntimeFactory } from '@faceanim/tensor/backends';

/** Plain JavaScript (`@tensorflow/tfjs-backend-cpu`): runs anywhere, ten to a hundred times slower than WASM. */
export const js: RuntimeFactory = {
  name: 'js',
  async open() {
    const { MathBackendCPU } = await import('@tensorflow/tfjs-backend-cpu');
    return openTfjsBackend({
      name: 'js',
      tfBackend: 'cpu',
      // On its first use in Node it prints an advertisement, unless it was used before.
      create: () => Object.assign(new MathBackendCPU(), { firstUse: false }),
      describe: () => ({
        description: 'plain JavaScript (slow; 1 thread)',
        capabilities: { gpu: false, threads: 1 },
      }),
    });
  },
};
