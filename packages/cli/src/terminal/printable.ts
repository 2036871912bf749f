/**
 * What a terminal would act upon instead of showing it: control characters (escape sequences begin with one), line ends
 * of all kinds, marks that turn the direction of text, characters of no width, halves of surrogate pairs.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A text out of a file, such as the name of a tensor, as it can be printed on one line: the rest becomes `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(unprintable, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

/** JSON with the same characters escaped, as JSON does it. */
export function printableJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, null, indent) ?? 'null';
  // The line ends between the lines are JSON's own: inside of texts it has escaped them.
  return json.replace(unprintable, (char) =>
    char === '\n'
      ? char
      : Array.from(
          { length: char.length },
          (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`,
        ).join(''),
  );
}
