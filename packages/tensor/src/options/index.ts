/**
 * Checks of options, for authors of packages: every call of the SDK refuses options that it does not know, and so may
 * yours, in one line.
 *
 * @module @faceanim/tensor/options
 */

import { FaceanimError, invalidOption } from '../errors';
import { didYouMean } from './did-you-mean';

export { didYouMean };

/** Refuses a value that is given for an option; `name` is the option's name with those of the objects around it. */
export type OptionCheck = (value: unknown, name: string) => void;

/** What each option of a call takes. The compiler sees to it that none of `T` is left out. */
export type OptionChecks<T> = { readonly [Name in keyof Required<T>]: OptionCheck };

/** More about {@link checkOptions}. */
export interface CheckOptionsExtras<T = unknown> {
  /** Options that must be given. */
  readonly required?: readonly (keyof T & string)[];
  /** Options that the call does not read and that may be there, since `...models` of a pack is spread into it. */
  readonly ignored?: readonly string[];
  /** Put before the names of options in messages, where many calls have options of the same names: `fan.`. */
  readonly prefix?: string;
  /** What to do instead, by the names of options that are looked for in this call and belong to another. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

/**
 * Checks an options bag: every name is known, every value is one that its option takes. `undefined` is the same as an
 * option that is left out.
 *
 * @param call the function whose options they are, for the message.
 * @throws FaceanimError `invalid-option` that names the option, and the one that was probably meant.
 */
export function checkOptions<T>(
  call: string,
  given: unknown,
  checks: OptionChecks<T>,
  { required = [], ignored = [], prefix = '', elsewhere = {} }: CheckOptionsExtras<T> = {},
): void {
  if (!isObject(given)) throw invalidOption(`The options of ${call}`, given, 'an object');
  checkMembers(call, given, checks as Record<string, OptionCheck>, prefix, ignored, elsewhere);
  // What is missing is told by the check of what it should be.
  for (const name of required) if (given[name] === undefined) checks[name](undefined, prefix + name);
}

/**
 * An error about an option that was handed on to another call, by the name that the user gave it; other errors as they
 * are.
 *
 * @example
 * loadLandmarkNet(file, { modules: fanModules }).catch((error) => { throw renamedOption(error, 'modules', 'fanModules'); });
 */
export function renamedOption(error: unknown, from: string, to: string): unknown {
  if (!FaceanimError.isInstance(error, 'invalid-option') || !error.message.startsWith(`${from} `))
    return error;
  const { message, hint, file } = error;
  return new FaceanimError('invalid-option', to + message.slice(from.length), { hint, file, cause: error });
}

/** Takes anything: what is checked where it is used, or by the compiler alone. */
export const anything: OptionCheck = () => {};

/** Takes what a predicate accepts. */
export function accepting(expected: string, accepts: (value: unknown) => boolean): OptionCheck {
  return (value, name) => {
    if (!accepts(value)) throw invalidOption(name, value, expected);
  };
}

/** Takes one of some words; a word that is nearly one of them is asked back. */
export function oneOf(...words: readonly string[]): OptionCheck {
  return (value, name) => {
    if (words.includes(value as string)) return;
    const meant = typeof value === 'string' ? didYouMean(value, words) : undefined;
    throw invalidOption(name, value, words.length === 1 ? words[0]! : `one of ${words.join(', ')}`, meant);
  };
}

/** Takes a finite number within limits, which are allowed themselves. */
export function numberFrom(least: number, most = Number.POSITIVE_INFINITY): OptionCheck {
  return accepting(
    `a number ${rangeText(least, most)}`,
    (value) => typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most,
  );
}

/** Takes a whole number within limits, which are allowed themselves. */
export function wholeNumberFrom(least: number, most = Number.POSITIVE_INFINITY): OptionCheck {
  return accepting(
    `a whole number ${rangeText(least, most)}`,
    (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  );
}

/** Takes a positive finite number. */
export const positiveNumber = accepting(
  'a positive number',
  (value) => typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY,
);

/** Takes a seed of `randomState`. */
export const seedCheck = wholeNumberFrom(0, 2 ** 32 - 1);

/** Takes true or false. */
export const trueOrFalse = accepting('true or false', (value) => typeof value === 'boolean');

/** Takes a function. */
export const aFunction = accepting('a function', (value) => typeof value === 'function');

/** Takes a text. */
export const aText = accepting('a text', (value) => typeof value === 'string');

/** Takes an `AbortSignal`. */
export const anAbortSignal = accepting(
  'an AbortSignal',
  (value) => isObject(value) && typeof value.aborted === 'boolean',
);

/** Takes an iterable, async or not; a text is none, though it can be iterated. */
export function iterableOf(items: string): OptionCheck {
  return accepting(
    items,
    (value) => isObject(value) && (Symbol.asyncIterator in value || Symbol.iterator in value),
  );
}

/** Takes an object with certain methods, such as a network or a backend. */
export function having(expected: string, ...methods: readonly PropertyKey[]): OptionCheck {
  return accepting(
    expected,
    (value) => isObject(value) && methods.every((method) => typeof value[method as string] === 'function'),
  );
}

/** Takes an object of options with checks of their own. */
export function bagOf<T>(checks: OptionChecks<T>): OptionCheck {
  return (value, name) => {
    const names = Object.keys(checks);
    if (!isObject(value)) throw invalidOption(name, value, `an object of ${names.join(', ')}`);
    checkMembers(name, value, checks as Record<string, OptionCheck>, `${name}.`, []);
  };
}

/**
 * Takes what one of some checks takes. The error is that of the check that the value looks made for: of the objects for
 * an object, of the words for a text, or else one that tells all that is expected.
 */
export function either(expected: string, ...checks: readonly OptionCheck[]): OptionCheck {
  return (value, name) => {
    const errors: FaceanimError[] = [];
    for (const check of checks) {
      try {
        check(value, name);
        return;
      } catch (error) {
        if (!FaceanimError.isInstance(error)) throw error;
        errors.push(error);
      }
    }
    const inner = errors.filter(({ message }) => isObject(value) && !message.startsWith(`${name} must be`));
    const asksBack = ({ hint }: FaceanimError) => hint?.startsWith('Did you mean');
    // An object whose names are all known is nearer than one with a misspelt name, and that than one of strange names.
    const nearest =
      inner.find(({ message }) => !message.startsWith(`${name} takes no option`)) ??
      inner.find(asksBack) ??
      inner[0];
    if (nearest) throw nearest;
    const hint = errors.find(asksBack)?.hint;
    throw new FaceanimError('invalid-option', invalidOption(name, value, expected).message, { hint });
  };
}

/** Takes arrays of numbers by name, such as noise maps by layer. */
export const mapsOfNumbers = accepting(
  'arrays of numbers by name',
  (value) => isObject(value) && Object.values(value).every((each) => each instanceof Float32Array),
);

/** The backend of `projectSequence` and others. */
export const backendCheck = having('a backend that openBackend() has opened', 'activate');

function checkMembers(
  owner: string,
  given: Readonly<Record<string, unknown>>,
  checks: Readonly<Record<string, OptionCheck>>,
  prefix: string,
  ignored: readonly string[],
  elsewhere: Readonly<Record<string, string>> = {},
): void {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(checks, name)) {
      if (ignored.includes(name)) continue;
      throw unknownOption(owner, name, prefix, Object.keys(checks), elsewhere);
    }
    if (value !== undefined) checks[name]!(value, prefix + name);
  }
}

function unknownOption(
  owner: string,
  name: string,
  prefix: string,
  known: readonly string[],
  elsewhere: Readonly<Record<string, string>>,
): FaceanimError {
  const meant = didYouMean(name, known);
  const asked = meant ? `Did you mean ${prefix}${meant}?` : `It takes ${known.join(', ')}.`;
  const hint = Object.hasOwn(elsewhere, name) ? elsewhere[name] : asked;
  return new FaceanimError('invalid-option', `${owner} takes no option ${JSON.stringify(name)}.`, { hint });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function rangeText(least: number, most: number): string {
  return most === Number.POSITIVE_INFINITY ? `from ${least}` : `from ${least} to ${most}`;
}
