import { openBackend } from '@faceanim/backend-node';
import type { Backend } from '@faceanim/tensor';
import { openNullWebgpu } from './null-webgpu';

/** Options of {@link openAnyBackend}. */
export interface OpenAnyOptions {
  /** Name of a runtime, or `webgpu-null`; default: the best that comes up. */
  name: string | undefined;
  allowSoftware: boolean;
  /** Whether the SDK's fused kernels are used. */
  fusedKernels: boolean;
  /** Number of threads of WASM; default: the cores. */
  threads?: number;
}

/**
 * Opens a backend by its name. `webgpu-null` is Dawn's null device, which validates everything and computes nothing: what
 * remains is the time of JavaScript and of Dawn.
 */
export async function openAnyBackend({
  name,
  allowSoftware,
  fusedKernels,
  threads,
}: OpenAnyOptions): Promise<Backend> {
  if (name === 'webgpu-null') return openNullWebgpu({ fusedKernels });
  return openBackend({ prefer: name, allowSoftware, fusedKernels, threads });
}
