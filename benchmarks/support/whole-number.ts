import { invalidOption } from '@faceanim/tensor';

/** The value of a flag. @throws {FaceanimError} `invalid-option` for anything but a whole number from `least`. */
export function wholeNumber(name: string, text: string | undefined, least = 1): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw invalidOption(`--${name}`, text, `a whole number from ${least}`);
  }
  return value;
}
