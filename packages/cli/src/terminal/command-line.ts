import { delimiter, dirname, relative, sep } from 'node:path';

/** How the user starts this program. */
function programName(): string {
  const script = process.argv[1] ?? '';
  const { npm_command: npm, PATH = '' } = process.env;
  const byName = !script.endsWith('.js') && PATH.split(delimiter).includes(dirname(script));
  // npm puts the programs of a project on the path of its scripts, which that of the user's shell does not have.
  if (npm === 'exec' || (npm && byName)) return 'npx @faceanim/cli';
  // Node takes forward slashes everywhere, and shells need no quotes for them.
  const path = relative(process.cwd(), script).replaceAll(sep, '/');
  return byName ? 'faceanim' : `node ${quoted(path)}`;
}

/** A command line of this program, quoted so that the user can paste it into a shell. */
export function commandLine(words: readonly string[]): string {
  return [programName(), ...words.map(quoted)].join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
