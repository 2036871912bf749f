import { relative } from 'node:path';

/** How this process was started, so that what is printed can be typed again. */
function programName(): string {
  const script = process.argv[1] ?? '';
  if (process.env.npm_command === 'exec') return 'npx @faceanim/cli';
  return script.endsWith('.js') ? `node ${relative(process.cwd(), script)}` : 'faceanim';
}

/** A command line that a shell takes apart into these words again. */
export function commandLine(words: readonly string[]): string {
  return [programName(), ...words.map(quoted)].join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
