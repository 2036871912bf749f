import type { RuntimeFactory } from './runtime';
import { openTfjsBackend } from './tfjs-backend';

/** Plain JavaScript (`@tensorflow/tfjs-backend-cpu`): runs anywhere, ten to a hundred times slower than WASM. */
export const js: RuntimeFactory = {
  name: 'js',
  async open() {
    await import('@tensorflow/tfjs-backend-cpu');
    return openTfjsBackend({ name: 'js', tfBackend: 'cpu' }, () => ({
      description: 'plain JavaScript (slow; 1 thread)',
      capabilities: { gpu: false, threads: 1 },
    }));
  },
};
