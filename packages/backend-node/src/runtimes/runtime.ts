import type { Backend, BackendName } from '@faceanim/core';

/** What a runtime is opened with. */
export interface RuntimeOptions {
  /** Whether a GPU runtime may run on a software adapter. */
  allowSoftware: boolean;
}

/**
 * A tensor runtime that may or may not come up on this machine; one file per runtime.
 * `open` throws a `backend-unavailable` error whose hint is the one thing to do about it.
 */
export interface RuntimeFactory {
  /** Name to ask for it by. */
  readonly name: BackendName;
  /** Starts the runtime without activating it. */
  open(options: RuntimeOptions): Promise<Backend>;
}
