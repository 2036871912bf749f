/** Machine-readable reasons of a {@link FaceanimError}. */
export type FaceanimErrorCode =
  | 'aborted'
  | 'backend-unavailable'
  | 'checkpoint-corrupt'
  | 'device-lost'
  | 'diverged'
  | 'invalid-option'
  | 'io'
  | 'media'
  | 'no-face'
  | 'out-of-memory'
  | 'resume-mismatch'
  | 'weights-mismatch';

/** Options of every error of the SDK. */
export interface FaceanimErrorOptions {
  /** What the user can do about it, in one sentence. */
  hint?: string;
  /** The error underneath. */
  cause?: unknown;
  /** File the error is about. */
  file?: string;
  /** Byte offset in `file`. */
  offset?: number;
  /** Index of the driver frame the error is about, from 0. */
  frame?: number;
  /** Optimisation step the error is about, from 0. */
  step?: number;
}

const marker = Symbol.for('faceanim.error');

/**
 * Base class of every error the SDK throws on purpose.
 *
 * @example
 * try { … } catch (error) {
 *   if (FaceanimError.isInstance(error, 'no-face')) console.log(error.frame, error.hint);
 * }
 */
export class FaceanimError extends Error {
  /** `FaceanimError`, or `AbortError` for the code `aborted`, as the web platform names it. */
  override readonly name: string;
  /** What went wrong, for programs. */
  readonly code: FaceanimErrorCode;
  /** What the user can do about it. */
  readonly hint: string | undefined;
  /** File the error is about. */
  readonly file: string | undefined;
  /** Byte offset in `file`. */
  readonly offset: number | undefined;
  /** Index of the driver frame, from 0. */
  readonly frame: number | undefined;
  /** Optimisation step, from 0. */
  readonly step: number | undefined;

  constructor(code: FaceanimErrorCode, message: string, options: FaceanimErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = code === 'aborted' ? 'AbortError' : 'FaceanimError';
    this.code = code;
    this.hint = options.hint;
    this.file = options.file;
    this.offset = options.offset;
    this.frame = options.frame;
    this.step = options.step;
    // A marker instead of `instanceof`: two copies of the package may be installed.
    Object.defineProperty(this, marker, { value: true });
  }

  /** Whether `error` is an error of the SDK, and of `code` if one is given; survives duplicate installs. */
  static isInstance(error: unknown, code?: FaceanimErrorCode): error is FaceanimError {
    return (
      typeof error === 'object' &&
      error !== null &&
      marker in error &&
      (code === undefined || (error as unknown as FaceanimError).code === code)
    );
  }
}

/** Throws the typed `aborted` error when `signal` has fired; its `cause` is the reason of the signal. */
export function throwIfAborted(
  signal: AbortSignal | undefined,
  where: { frame?: number; step?: number } = {},
): void {
  if (!signal?.aborted) return;
  throw new FaceanimError('aborted', 'The run was aborted.', {
    ...where,
    cause: signal.reason,
    hint: 'Call it again; projectSequence goes on after the frames that it yielded when they are passed as resume.',
  });
}

/**
 * An `invalid-option` error with the option's name, what was given and what is expected.
 *
 * @param meant what was probably meant, for the hint. Default: no hint, as the message says what is expected.
 */
export function invalidOption(name: string, given: unknown, expected: string, meant?: string): FaceanimError {
  return new FaceanimError('invalid-option', `${name} must be ${expected}, got ${describe(given)}.`, {
    hint: meant && `Did you mean ${meant}?`,
  });
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (['number', 'bigint', 'boolean'].includes(typeof value) || value == null) return String(value);
  return Array.isArray(value) ? `an array of ${value.length}` : typeof value;
}
