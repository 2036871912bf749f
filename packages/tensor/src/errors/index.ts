/**
 * The errors of the SDK, without TensorFlow.js: for packages that do not compute, such as `@faceanim/media`.
 *
 * @module @faceanim/tensor/errors
 */

// Also where nothing computes, objects have methods by these symbols.
import '../dispose-symbols';

import { FaceanimError, type FaceanimErrorOptions } from './faceanim-error';
import { isTensor } from './is-tensor';

export { checkResponse, isWebPage } from './check-response';
export { FaceanimError, type FaceanimErrorCode, type FaceanimErrorOptions } from './faceanim-error';
export { isTensor } from './is-tensor';
export { fromWire, toWire, type WireError } from './wire-error';

/**
 * Throws an `aborted` error if `signal` has fired. Its `cause` is the signal's reason.
 *
 * @param details where the work stopped, and what to do to go on
 */
export function throwIfAborted(
  signal: AbortSignal | undefined,
  details: Pick<FaceanimErrorOptions, 'frame' | 'step' | 'hint'> = {},
): void {
  if (!signal?.aborted) return;
  throw new FaceanimError('aborted', 'The run was aborted.', { ...details, cause: signal.reason });
}

/** Says of an `aborted` error how to go on. Any other stays as it is. */
export function hintOnAbort(thrown: unknown, hint: string): unknown {
  if (!FaceanimError.isInstance(thrown, 'aborted')) return thrown;
  const { message, file, frame, step, cause } = thrown;
  return new FaceanimError('aborted', message, { file, frame, step, cause, hint });
}

/** The message of whatever was thrown, which need not be an `Error`. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * Makes an `invalid-option` error that says which option, what was expected and what was given.
 *
 * @param meant what was probably meant, for a "Did you mean" hint. Default: no hint, since the message says what to pass.
 */
export function invalidOption(name: string, given: unknown, expected: string, meant?: string): FaceanimError {
  return new FaceanimError('invalid-option', `${name} must be ${expected}, got ${describe(given)}.`, {
    hint: meant && `Did you mean ${meant}?`,
  });
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (['number', 'bigint', 'boolean'].includes(typeof value) || value == null) return String(value);
  if (typeof value === 'function') return 'a function: call it';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Float32Array || value instanceof Uint8Array)
    return `a ${value.constructor.name} of ${value.length}`;
  if (isTensor(value)) return `a tensor [${value.shape.join(', ')}]`;
  if (value instanceof AbortController) return 'an AbortController: pass its signal';
  if (typeof (value as Partial<PromiseLike<unknown>>).then === 'function') return 'a Promise: await it';
  return typeof value === 'object' ? 'an object' : 'a symbol';
}
