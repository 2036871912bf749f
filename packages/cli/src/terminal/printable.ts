/**
 * Characters that a terminal does not simply show: control characters (which begin escape sequences), line breaks of all
 * kinds, marks of text direction, zero-width characters, halves of surrogate pairs.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Makes text from a file, such as the name of a tensor, safe to print on one line: escapes become `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(unprintable, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

/** JSON with the same characters as JSON escapes. */
export function printableJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, null, indent) ?? 'null';
  // These line breaks are JSON's own. It has escaped those within strings.
  return json.replace(unprintable, (char) =>
    char === '\n'
      ? char
      : Array.from(
          { length: char.length },
          (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`,
        ).join(''),
  );
}
