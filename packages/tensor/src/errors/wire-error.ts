import { FaceanimError, type FaceanimErrorCode, type FaceanimErrorOptions } from './faceanim-error';

/** An error as plain data, for where an `Error` would lose its class and members: between threads, processes, machines. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Present if it is a {@link FaceanimError}. */
  readonly code?: FaceanimErrorCode;
  readonly details?: Omit<FaceanimErrorOptions, 'cause'>;
  readonly cause?: WireError;
}

/** Turns anything that was thrown into plain data, for `postMessage` or JSON; {@link fromWire} turns it back. */
export function toWire(error: unknown): WireError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack, cause } = error;
  const plain = { name, message, stack, cause: cause === undefined ? undefined : toWire(cause) };
  if (!FaceanimError.isInstance(error)) return plain;
  const { code, hint, file, offset, frame, step } = error;
  return { ...plain, code, details: { hint, file, offset, frame, step } };
}

/** The error that {@link toWire} was given, as far as it could be kept: a {@link FaceanimError} with its code, or an `Error`. */
export function fromWire({ name, message, stack, code, details, cause: inner }: WireError): Error {
  const cause = inner && fromWire(inner);
  const error = code
    ? new FaceanimError(code, message, { ...details, cause })
    : Object.assign(new Error(message, { cause }), { name });
  // Where it was thrown says more than where it arrived.
  if (stack) error.stack = stack;
  return error;
}
