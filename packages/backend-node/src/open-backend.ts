import type { Backend } from '@faceanim/tensor';
import { type OpenBackendOptions, openFirstBackend } from '@faceanim/tensor/backends';
import { runtimes } from './runtimes';

/**
 * Opens the first tensor runtime that comes up and passes a gradient self-test, and activates it.
 *
 * Dispose it (`await using`) after everything that holds tensors on it. Calls that get the same runtime share it: it is
 * freed when the last of them disposes of its backend.
 *
 * @throws FaceanimError `invalid-option` for an unknown name; `backend-unavailable` when none came up, with the
 *   reason and the remedy of each; `aborted`
 */
export function openBackend(options: OpenBackendOptions = {}): Promise<Backend> {
  return openFirstBackend(runtimes, options);
}

/** Names of the runtimes of this package, in the order in which {@link openBackend} tries them. */
export const backendNames = runtimes.map(({ name }) => name);
