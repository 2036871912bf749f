import type { OnProgress } from '@faceanim/core';
import { aFunction, anAbortSignal, type OptionChecks } from '@faceanim/tensor/options';

/** Options of every loader of networks. */
export interface LoadOptions {
  /** Aborts the reading. */
  signal?: AbortSignal;
  /** Called with the fraction of the bytes that have been read (`stage: 'load'`). */
  onProgress?: OnProgress;
}

/** What {@link LoadOptions} accept. */
export const loadChecks: OptionChecks<LoadOptions> = { signal: anAbortSignal, onProgress: aFunction };
