import { openBackend } from '@faceanim/backend-node';
import type { OnProgress } from '@faceanim/core';
import type { Backend, BackendName } from '@faceanim/tensor';

/** Flags that choose the backend. */
export interface BackendFlags {
  backend?: BackendName;
  /** Accepts webgpu on a software adapter. */
  allowSoftware?: boolean;
  /** Number of threads of wasm. */
  threads?: number;
}

/** Opens the backend that the flags choose. @throws {FaceanimError} as `openBackend`. */
export function openChosenBackend(
  { backend: prefer, allowSoftware, threads }: BackendFlags,
  hooks: { signal?: AbortSignal; onProgress?: OnProgress },
): Promise<Backend> {
  return openBackend({ prefer, allowSoftware, threads, ...hooks });
}
