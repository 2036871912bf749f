import { throwIfAborted } from '@faceanim/tensor';

/** Throws an `aborted` error if `signal` has fired, with a hint on how to continue. */
export function throwIfRunAborted(
  signal: AbortSignal | undefined,
  where: { frame?: number; step?: number } = {},
): void {
  throwIfAborted(signal, {
    ...where,
    hint: 'Call it again. To continue an interrupted projectSequence, pass the frames it has yielded as resume.',
  });
}
