import { checkImageOutput, writeImage } from '@faceanim/media';
import { avatarPack, type Factors, factorsToZ } from '@faceanim/models';
import { FaceanimError } from '@faceanim/tensor';
import { didYouMean } from '@faceanim/tensor/options';
import { checkOutputs } from '../files/outputs';
import { finiteNumber } from '../flags/parse';
import { type BackendFlags, openChosenBackend } from '../networks/backend';
import { drawFace } from './draw-face';

interface LookOptions extends BackendFlags {
  out?: string;
  seed?: number;
  expression?: string;
  overwrite?: boolean;
  aiTag?: boolean;
  /** The words of the command line that are not flags of the command: factors such as `--age 1.5 --smile=1`. */
  words: readonly string[];
  /** The flags of the command, one of which a misspelt word may have meant. */
  flags: readonly string[];
}

/** `faceanim look`: draws a face from named factors. */
export async function lookCommand(
  { out = 'look.png', seed = 0, expression, overwrite = false, aiTag, ...given }: LookOptions,
  signal: AbortSignal,
): Promise<void> {
  const { factors } = await avatarPack({ only: ['factors'], signal });
  await checkImageOutput(out, { overwrite });
  await checkOutputs([{ name: '--out', path: out }], []);
  const z = factorsToZ(factors, parseFactors(given, factors), { seed, expression });
  await using _backend = await openChosenBackend(given, { signal });
  using pack = await avatarPack({ only: ['generator'], signal });
  await writeImage(out, await drawFace(pack, z), { overwrite, aiGenerated: aiTag });
  process.stdout.write(`${out}\n`);
}

/** `faceanim look --list`. */
export async function listFactors(signal: AbortSignal): Promise<void> {
  const { factors } = await avatarPack({ only: ['factors'], signal });
  const { columns, expressions } = factors;
  const groups = new Map<string, string[]>();
  for (const { group, name } of columns) groups.set(group, [...(groups.get(group) ?? []), name]);
  const lines = [
    'Factors by group, e.g. --age 1.5:',
    ...[...groups].map(([group, names]) => `  ${group}: ${names.join(', ')}`),
    'Of hair styles, brows, eye colours and *-nose, the largest decides: raise one and lower the others.',
    'Expressions, e.g. --expression smile:',
    `  ${Object.keys(expressions).join(', ')}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** `--age 1.5 --smile=1` to numbers by name. @throws {FaceanimError} `invalid-option` */
function parseFactors(
  { words: given, flags }: Pick<LookOptions, 'words' | 'flags'>,
  { columns }: Factors,
): Record<string, number> {
  const known = columns.map(({ name }) => name);
  const factors: Record<string, number> = {};
  const words = given.flatMap((word) =>
    word.startsWith('--') && word.includes('=') ? word.split(/=(.*)/s, 2) : [word],
  );
  for (let i = 0; i < words.length; i += 2) {
    const [flag, value] = [words[i]!, words[i + 1]];
    const name = flag.replace(/^--/, '');
    if (flag === name || (known.includes(name) && value === undefined)) {
      throw new FaceanimError('invalid-option', `${flag} is not a factor with a value.`, {
        hint: 'Write factors like --age 1.5; faceanim look --list shows their names.',
      });
    }
    if (!known.includes(name)) {
      const meant = didYouMean(flag, [...flags, ...known.map((each) => `--${each}`)]);
      throw new FaceanimError('invalid-option', `${flag} is neither a flag nor a factor.`, {
        hint: meant ? `Did you mean ${meant}?` : 'faceanim look --list shows the names of the factors.',
      });
    }
    factors[name] = finiteNumber(value!, flag);
  }
  return factors;
}
