/** What went wrong, as a word that programs can compare: the `code` of a {@link FaceanimError}. */
export type FaceanimErrorCode =
  | 'aborted'
  | 'backend-unavailable'
  | 'checkpoint-corrupt'
  | 'crashed'
  | 'device-lost'
  | 'diverged'
  | 'in-use'
  | 'invalid-option'
  | 'io'
  | 'media'
  | 'no-face'
  | 'out-of-memory'
  | 'resume-mismatch'
  | 'too-large'
  | 'weights-mismatch';

/** Details of a {@link FaceanimError}. */
export interface FaceanimErrorOptions {
  /** What the user can do about it, in one sentence. */
  hint?: string;
  /** The error that caused this one. */
  cause?: unknown;
  /** File that the error is about. */
  file?: string;
  /** Byte offset in `file`. */
  offset?: number;
  /** Index of the driver frame that the error is about, from 0. */
  frame?: number;
  /** Optimisation step that the error is about, from 0. */
  step?: number;
}

const marker = Symbol.for('faceanim.error');

/**
 * The error that the SDK throws for bad input and for what went wrong outside it, with a code, a hint and, where they are
 * known, the file, frame or step.
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
    // `instanceof` would fail between two installed copies of the package.
    Object.defineProperty(this, marker, { value: true });
  }

  /** Whether `error` is a FaceanimError, with that `code` if one is given. Works across copies of the package. */
  static isInstance(error: unknown, code?: FaceanimErrorCode): error is FaceanimError {
    return (
      typeof error === 'object' &&
      error !== null &&
      marker in error &&
      (code === undefined || (error as unknown as FaceanimError).code === code)
    );
  }
}
