import { throwIfAborted } from '@faceanim/tensor';

/** Throws an `aborted` error if `signal` has fired, with a hint on how to go on. */
export function throwIfRunAborted(
  signal: AbortSignal | undefined,
  where: { frame?: number; step?: number } = {},
): void {
  throwIfAborted(signal, {
    ...where,
    hint: 'Call it again; projectSequence goes on after the frames that it yielded when they are passed as resume.',
  });
}
