import { relative } from 'node:path';

/** How the user started this program. */
function programName(): string {
  const script = process.argv[1] ?? '';
  if (process.env.npm_command === 'exec') return 'npx @faceanim/cli';
  return script.endsWith('.js') ? `node ${relative(process.cwd(), script)}` : 'faceanim';
}

/** A command line of this program, quoted so that the user can paste it into a shell. */
export function commandLine(words: readonly string[]): string {
  return [programName(), ...words.map(quoted)].join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
