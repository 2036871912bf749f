/** A stream, a terminal or not, that keeps what is written. */
export function sink(isTTY: boolean) {
  const written: string[] = [];
  const write = (text: string) => !!written.push(text);
  const cursor = { cursorTo: () => true, clearLine: () => true, moveCursor: () => true };
  const stream = { isTTY, columns: 200, write, on: () => {}, once: () => {}, ...cursor };
  return {
    stream: stream as unknown as NodeJS.WriteStream & typeof process.stderr,
    text: () => written.join(''),
  };
}
