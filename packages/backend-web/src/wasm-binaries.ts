/** The version of `@tensorflow/tfjs-backend-wasm` whose binaries the build copies into this package. */
export const binariesVersion = '4.22.0';

/**
 * The addresses of these binaries. Each is written out, since bundlers copy the files that they find in
 * `new URL('literal', import.meta.url)`. The literals hold for the built files in `dist`.
 */
export const wasmBinaries = () => ({
  'tfjs-backend-wasm.wasm': new URL('./wasm/tfjs-backend-wasm.wasm', import.meta.url).href,
  'tfjs-backend-wasm-simd.wasm': new URL('./wasm/tfjs-backend-wasm-simd.wasm', import.meta.url).href,
  'tfjs-backend-wasm-threaded-simd.wasm': new URL(
    './wasm/tfjs-backend-wasm-threaded-simd.wasm',
    import.meta.url,
  ).href,
});
