import { FaceanimError, invalidOption } from '../errors';
import { didYouMean } from './did-you-mean';
import { isObject } from './is-object';

/** Throws if `value` is not one that the option `name` takes. For nested options, `name` is the path, e.g. `heatmaps.groups`. */
export type OptionCheck = (value: unknown, name: string) => void;

/** A check for every option of `T`; leaving one out is a compile error. */
export type OptionChecks<T> = { readonly [Name in keyof Required<T>]: OptionCheck };

/** Settings of {@link checkOptions}. */
export interface CheckOptionsExtras<T = unknown> {
  /** Options that must be given. */
  readonly required?: readonly (keyof T & string)[];
  /** Options that are allowed but not read, e.g. because `...models` of a pack is spread into the call. */
  readonly ignored?: readonly string[];
  /** Put before option names in messages, to tell calls with the same option names apart, e.g. `heatmaps.`. */
  readonly prefix?: string;
  /** Hints for options that belong to another call, by their name. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

/**
 * Checks the options of a call: every name must be known, and every value one that its option takes. `undefined` counts
 * as left out.
 *
 * @param call name of the function, for messages
 * @throws FaceanimError `invalid-option` that names the option, and for a misspelt one the one that was probably meant
 */
export function checkOptions<T>(
  call: string,
  given: unknown,
  checks: OptionChecks<T>,
  { required = [], ignored = [], prefix = '', elsewhere = {} }: CheckOptionsExtras<T> = {},
): void {
  // A promise has no members, so it would pass for an empty object.
  if (!isObject(given) || typeof given.then === 'function') {
    const expected = required.length > 0 ? `an object with ${required.join(', ')}` : 'an object';
    throw invalidOption(`The options of ${call}`, given, expected);
  }
  checkMembers(call, given, checks as Record<string, OptionCheck>, prefix, ignored, elsewhere);
  // The check's own message says what to pass.
  for (const name of required) if (given[name] === undefined) checks[name](undefined, prefix + name);
}

/**
 * Rewrites an `invalid-option` error from an inner call so that it names the option as the user passed it. Returns other
 * errors unchanged.
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

/**
 * Checks the members of an options object, which may be nested.
 *
 * @param owner what takes the options, for messages
 * @param prefix put before option names
 */
export function checkMembers(
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
  const fallback = meant ? `Did you mean ${prefix}${meant}?` : `It takes ${known.join(', ')}.`;
  const hint = Object.hasOwn(elsewhere, name) ? elsewhere[name] : fallback;
  return new FaceanimError('invalid-option', `${owner} takes no option ${JSON.stringify(name)}.`, { hint });
}
