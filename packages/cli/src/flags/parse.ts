import {
  type Alignment,
  type FaceChoice,
  type GroupWeights,
  landmarkWeights,
} from '@faceanim/core/landmarks';
import { invalidOption } from '@faceanim/tensor';
import { didYouMean, renamedOption } from '@faceanim/tensor/options';
import { Option } from 'commander';

/**
 * Turns the text after a flag into its value; `name` is the flag, for the error message.
 *
 * @throws {FaceanimError} `invalid-option` naming the flag and what it takes.
 */
export type Parser<Value> = (text: string, name: string) => Value;

/** A flag with a value, e.g. `flag('--seed <n>', 'random seed (0)', wholeNumber(0))`. */
export function flag<Value>(flags: string, description: string, parse: Parser<Value>): Option {
  const option = new Option(flags, description);
  return option.argParser((text) => parse(text, option.long!));
}

/** A flag that takes one of some words, which the help lists. */
export function choice<Word extends string>(
  flags: string,
  description: string,
  words: readonly Word[],
): Option {
  // `choices` sets a parser, too: ours comes after it.
  const option = new Option(flags, description).choices(words);
  return option.argParser((word: string) => {
    if ((words as readonly string[]).includes(word)) return word;
    throw invalidOption(option.long!, word, `one of ${words.join(', ')}`, didYouMean(word, words));
  });
}

function number(expected: string, accepts: (value: number) => boolean): Parser<number> {
  return (text, name) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (accepts(value)) return value;
    throw invalidOption(name, text, expected);
  };
}

/** `3` */
export const wholeNumber = (least = 1) =>
  number(`a whole number from ${least}`, (value) => Number.isInteger(value) && value >= least);

/** `0.45` */
export const share = number('a number from 0 to 1', (value) => value >= 0 && value <= 1);

/** `2.5` */
export const positiveNumber = number('a positive number', (value) => value > 0 && Number.isFinite(value));

/** `-0.07` */
export const finiteNumber = number('a finite number', Number.isFinite);

/** `0,1` */
export const list: Parser<string[]> = (text, name) => {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.some((part) => part === '')) throw invalidOption(name, text, 'a list like 0,1');
  return parts;
};

/** `outerLip=5,jaw=0.05` */
export const groupWeights: Parser<GroupWeights> = (text, flagName) => {
  const weights = Object.fromEntries(
    text.split(',').map((part) => {
      const [group, value, ...rest] = part.split('=');
      if (!group || value === undefined || rest.length > 0) {
        throw invalidOption(flagName, part, 'a list like outerLip=5,jaw=0.05');
      }
      return [group.trim(), finiteNumber(value, `${flagName} ${group.trim()}`)];
    }),
  );
  try {
    landmarkWeights(weights);
  } catch (error) {
    const renamed = renamedOption(error, 'A landmark group', `${flagName}: a landmark group`);
    throw renamedOption(renamed, 'The weight of landmark group', flagName);
  }
  return weights;
};

/** `prepare` or the number of a part */
export const part: Parser<'prepare' | number> = (text, name) => {
  if (text === 'prepare') return text;
  return number('prepare or the number of a part, from 1', (value) => Number.isInteger(value) && value >= 1)(
    text,
    name,
  );
};

/** `driver`, `look` or a share between them */
export const pose: Parser<'driver' | 'look' | number> = (text, name) => {
  if (text === 'driver' || text === 'look') return text;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= 0 && value <= 1) return value;
  throw invalidOption(name, text, 'driver, look or a number from 0 (look) to 1 (driver)');
};

/** `largest`, a number from the left, or a point `x,y` */
export const faceChoice: Parser<FaceChoice> = (text, name) => {
  if (text === 'largest') return text;
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [x, y] = numbers;
  if (numbers.length === 1 && Number.isInteger(x) && x! >= 0) return x!;
  if (numbers.length === 2 && numbers.every(Number.isFinite)) return { x: x!, y: y! };
  throw invalidOption(name, text, 'largest, a number counted from the left from 0, or x,y in pixels');
};

/** `frame`, `first`, `none` or a rectangle `x,y,w,h` */
export const alignment: Parser<Alignment> = (text, name) => {
  if (text === 'frame' || text === 'first' || text === 'none') return text;
  const [x, y, width, height, ...rest] = text.split(',').map(Number);
  if (rest.length > 0 || ![x, y, width, height].every(Number.isFinite) || !(width! > 0 && height! > 0)) {
    throw invalidOption(name, text, 'frame, first, none or x,y,w,h in pixels');
  }
  return { x: x!, y: y!, width: width!, height: height! };
};
