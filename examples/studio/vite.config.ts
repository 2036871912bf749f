import { defineConfig } from 'vite';
import { licences } from './licences';

/** Shared memory, and with it the threads of WASM, needs an isolated page. */
const isolated = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

const { page, workers } = licences('licences.md');

export default defineConfig({
  // Relative, so that the folder works wherever it is served from; `--base` sets another one.
  base: './',
  server: { headers: isolated },
  preview: { headers: isolated },
  plugins: [page],
  worker: { format: 'es', plugins: workers },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Found only when the worker starts, which would reload the page.
  optimizeDeps: {
    include: ['wasm', 'webgl', 'webgpu'].map((name) => `@tensorflow/tfjs-backend-${name}`),
  },
  // TensorFlow.js is large.
  build: { target: 'es2022', chunkSizeWarningLimit: 1500 },
});
