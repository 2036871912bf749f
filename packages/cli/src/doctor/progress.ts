import cliProgress from 'cli-progress';
import { barStyle, msBetweenLines } from '../terminal/progress';

/** Shows which test is running, and what it does. */
export interface TestProgress extends Disposable {
  /** @param index of the backend, from 0. */
  begin(index: number, name: string): void;
  /** @param what the part, and after a comma how far it is. */
  part(what: string): void;
}

/**
 * A bar on a terminal, gone when the findings are shown. Elsewhere, lines: each test and part is named once, and again with
 * how far it is when nothing was written for long.
 */
export function showTests(count: number, stream: NodeJS.WriteStream = process.stderr): TestProgress {
  return stream.isTTY ? bar(count, stream) : lines(count, stream);
}

function bar(count: number, stream: NodeJS.WriteStream): TestProgress {
  const tests = new cliProgress.SingleBar({
    ...barStyle(stream),
    // What a test does has to fit into a line of 80 characters.
    format: '{name} {bar} {detail}',
    barsize: 10,
    clearOnComplete: true,
  });
  tests.start(count, 0, { name: 'tests', detail: '' });
  let test = '';
  return {
    begin: (index, name) => {
      test = `${name} (${index + 1} of ${count})`;
      tests.update(index, { detail: test });
    },
    part: (what) => tests.update({ detail: `${test}: ${what}` }),
    [Symbol.dispose]: () => tests.stop(),
  };
}

function lines(count: number, stream: NodeJS.WriteStream): TestProgress {
  let said: string | undefined;
  let written = 0;
  return {
    begin: (index, name) => {
      said = undefined;
      stream.write(`testing ${name} (${index + 1} of ${count}) …\n`);
    },
    part: (what) => {
      const [part] = what.split(',');
      if (part === said && performance.now() - written < msBetweenLines) return;
      said = part;
      written = performance.now();
      stream.write(`  ${what} …\n`);
    },
    [Symbol.dispose]: () => {},
  };
}
