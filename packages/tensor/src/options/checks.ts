import { FaceanimError, invalidOption } from '../errors';
import { checkMembers, type OptionCheck, type OptionChecks } from './check-options';
import { didYouMean } from './did-you-mean';
import { isObject } from './is-object';

/** Accepts any value: it is checked where it is used, or only by the compiler. */
export const anything: OptionCheck = () => {};

/** Guesses what was meant by a value that is not accepted, for a "Did you mean" hint. */
export type Guess = (value: unknown) => string | undefined;

/** Makes a check that accepts the values for which a predicate holds. `expected` describes them in messages. */
export function accepting(
  expected: string,
  accepts: (value: unknown) => boolean,
  meant?: Guess,
): OptionCheck {
  return (value, name) => {
    if (!accepts(value)) throw invalidOption(name, value, expected, meant?.(value));
  };
}

/** Accepts one of some words; a misspelt word gets a "Did you mean" hint. */
export function oneOf(...words: readonly string[]): OptionCheck {
  return (value, name) => {
    if (words.includes(value as string)) return;
    const meant = typeof value === 'string' ? didYouMean(value, words) : undefined;
    throw invalidOption(name, value, words.length === 1 ? words[0]! : `one of ${words.join(', ')}`, meant);
  };
}

/** Accepts a finite number from `least` to `most`, both included. */
export function numberFrom(least: number, most = Number.POSITIVE_INFINITY): OptionCheck {
  return accepting(
    `a number ${rangeText(least, most)}`,
    (value) => typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most,
  );
}

/** Accepts a whole number from `least` to `most`, both included. */
export function wholeNumberFrom(least: number, most = Number.POSITIVE_INFINITY): OptionCheck {
  return accepting(
    `a whole number ${rangeText(least, most)}`,
    (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  );
}

/** Accepts any number that is finite. */
export const finiteNumber = accepting('a finite number', Number.isFinite);

/** Accepts a positive finite number. */
export const positiveNumber = accepting(
  'a positive number',
  (value) => typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY,
);

/** Accepts a seed of `randomState`. */
export const seedCheck = wholeNumberFrom(0, 2 ** 32 - 1);

/** Accepts true or false. */
export const trueOrFalse = accepting('true or false', (value) => typeof value === 'boolean');

/** Accepts a function. */
export const aFunction = accepting('a function', (value) => typeof value === 'function');

/** Accepts a string. */
export const aString = accepting('a string', (value) => typeof value === 'string');

/** Accepts an `AbortSignal`. */
export const anAbortSignal = accepting(
  'an AbortSignal',
  (value) => isObject(value) && typeof value.aborted === 'boolean',
);

/** Accepts an iterable or async iterable, but not a string; `items` describes it in the message. */
export function iterableOf(items: string, meant?: Guess): OptionCheck {
  return accepting(
    items,
    (value) => isObject(value) && (Symbol.asyncIterator in value || Symbol.iterator in value),
    meant,
  );
}

/** Accepts an object with certain methods, such as a network or a backend. */
export function having(expected: string, ...methods: readonly PropertyKey[]): OptionCheck {
  return accepting(
    expected,
    (value) => isObject(value) && methods.every((method) => typeof value[method as string] === 'function'),
  );
}

/**
 * Accepts an object of nested options, each with its own check.
 *
 * @param required options that must be given
 */
export function bagOf<T>(checks: OptionChecks<T>, ...required: readonly (keyof T & string)[]): OptionCheck {
  return (value, name) => {
    const names = Object.keys(checks);
    if (!isObject(value)) throw invalidOption(name, value, `an object of ${names.join(', ')}`);
    checkMembers(name, value, checks as Record<string, OptionCheck>, `${name}.`, []);
    for (const key of required) if (value[key] === undefined) checks[key](undefined, `${name}.${key}`);
  };
}

/**
 * Accepts what any of some checks accepts. Otherwise the error is that of the check that the value comes closest to, or,
 * if none is close, one that says `expected`.
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
    const guesses = ({ hint }: FaceanimError) => hint?.startsWith('Did you mean');
    // Best is an object with only known names, then one with a misspelt name, then one with unknown names.
    const nearest =
      inner.find(({ message }) => !message.startsWith(`${name} takes no option`)) ??
      inner.find(guesses) ??
      inner[0];
    if (nearest) throw nearest;
    const hint = errors.find(guesses)?.hint;
    throw new FaceanimError('invalid-option', invalidOption(name, value, expected).message, { hint });
  };
}

/** Accepts an object of Float32Arrays by name, such as the noise maps of a generator. */
export const mapsOfNumbers = accepting(
  'arrays of numbers by name',
  (value) => isObject(value) && Object.values(value).every((each) => each instanceof Float32Array),
);

/** Accepts an open backend. */
export const backendCheck = having('a backend that openBackend() has opened', 'activate');

function rangeText(least: number, most: number): string {
  return most === Number.POSITIVE_INFINITY ? `from ${least}` : `from ${least} to ${most}`;
}
