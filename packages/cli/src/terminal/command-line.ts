import { delimiter, dirname, join, relative, sep } from 'node:path';

/** How the user starts this program. */
function programName(): string {
  const script = process.argv[1] ?? '';
  const { npm_command: npm, PATH = '' } = process.env;
  const folder = dirname(script);
  const byName = !script.endsWith('.js') && PATH.split(delimiter).includes(folder);
  // Package managers put the programs of a project on the path of its scripts; that of the user's shell does not have them.
  const ofProject = folder.endsWith(join('node_modules', '.bin'));
  if (npm === 'exec' || (byName && ofProject)) return 'npx @faceanim/cli';
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
