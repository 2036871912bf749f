import type { Backend } from '@faceanim/tensor';
import { type OpenBackendOptions, openFirstBackend } from '@faceanim/tensor/backends';
import { runtimes } from './runtimes';

/**
 * Opens the fastest available tensor runtime: the first that starts and passes a gradient self-test. Activates it.
 *
 * Dispose it (`await using`) after everything that holds tensors on it. Calls that open the same runtime share it, and it
 * is freed when the last of them disposes of its backend.
 *
 * @throws FaceanimError `invalid-option` for an unknown name; `backend-unavailable` if none started, with the reason and
 *   remedy for each; `aborted`
 */
export function openBackend(options: OpenBackendOptions = {}): Promise<Backend> {
  return openFirstBackend(runtimes, options);
}

/** The names of the runtimes of this package, in the order in which {@link openBackend} tries them. */
export const backendNames = runtimes.map(({ name }) => name);
