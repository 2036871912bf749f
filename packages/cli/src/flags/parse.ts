import { type Alignment, type GroupWeights, landmarkWeights } from '@faceanim/core/landmarks';
import { invalidOption } from '@faceanim/tensor';
import { didYouMean, renamedOption } from '@faceanim/tensor/options';
import { Option } from 'commander';

/** An option that takes one of some words, which the help lists. */
export function wordOption(flags: string, description: string, words: readonly string[]): Option {
  return new Option(flags, description).choices(words).argParser((word: string) => {
    if (words.includes(word)) return word;
    const name = flags.split(' ')[0]!;
    throw invalidOption(name, word, `one of ${words.join(', ')}`, didYouMean(word, words));
  });
}

/** `3` to 3. @throws {FaceanimError} `invalid-option` for anything but a whole number from `least`. */
export function wholeNumber(name: string, least = 1) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least) {
      throw invalidOption(name, text, `a whole number from ${least}`);
    }
    return value;
  };
}

/** `0.45` to 0.45. @throws {FaceanimError} `invalid-option` for anything but a number from 0 to 1. */
export function share(name: string) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= 0 && value <= 1))
      throw invalidOption(name, text, 'a number from 0 to 1');
    return value;
  };
}

/** `0.07` to 0.07. @throws {FaceanimError} `invalid-option` for anything but a finite number. */
export function finiteNumber(name: string) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) throw invalidOption(name, text, 'a finite number');
    return value;
  };
}

/** `outerLip=5,jaw=0.05` to weights. @throws {FaceanimError} `invalid-option` for an unknown group or a bad weight. */
export function parseWeights(text: string): GroupWeights {
  const weights = Object.fromEntries(
    text.split(',').map((part) => {
      const [name, value, ...rest] = part.split('=');
      if (!name || value === undefined || rest.length > 0) {
        throw invalidOption('--weights', part, 'a list like outerLip=5,jaw=0.05');
      }
      return [name.trim(), finiteNumber(`--weights ${name.trim()}`)(value)];
    }),
  );
  try {
    landmarkWeights(weights);
  } catch (error) {
    const group = renamedOption(error, 'A landmark group', '--weights: a landmark group');
    throw renamedOption(group, 'The weight of landmark group', '--weights');
  }
  return weights;
}

/** `frame`, `first`, `none` or `x,y,w,h`. */
export function parseAlign(text: string): Alignment {
  if (text === 'frame' || text === 'first' || text === 'none') return text;
  const [x, y, width, height, ...rest] = text.split(',').map(Number);
  if (rest.length > 0 || ![x, y, width, height].every(Number.isFinite) || !(width! > 0 && height! > 0)) {
    throw invalidOption('--align', text, 'frame, first, none or x,y,w,h in pixels');
  }
  return { x: x!, y: y!, width: width!, height: height! };
}
