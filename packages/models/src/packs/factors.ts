import { FaceanimError, invalidOption, randomState } from '@faceanim/tensor';
import { aText, checkOptions, didYouMean, type OptionChecks, seedCheck } from '@faceanim/tensor/options';

/** A column of z that means something. */
export interface FactorColumn {
  readonly index: number;
  /** Name within its group, e.g. `smile`; every name occurs once. */
  readonly name: string;
  /** What it belongs to, e.g. `expression`, `pose`, `hair`. */
  readonly group: string;
}

/** The columns of z of a generator that was trained on named factors. */
export interface Factors {
  readonly zDim: number;
  /** Each standard normal over the training faces; all other columns of z are filler that changes nothing. */
  readonly columns: readonly FactorColumn[];
  /** Facial expressions by name, as values for columns of the group `expression`; columns left out are 0. */
  readonly expressions: Readonly<Record<string, FactorValues>>;
}

/** Values of columns by name, in standard deviations. */
export type FactorValues = Readonly<Record<string, number>>;

/** Reads the text of a pack's `factors.json`; throws FaceanimError `checkpoint-corrupt` if it is not that. */
export function parseFactors(text: string, file?: string): Factors {
  try {
    const { z_dim: zDim, columns, expressions } = JSON.parse(text);
    if (Number.isInteger(zDim) && Array.isArray(columns) && expressions)
      return { zDim, columns, expressions };
  } catch {
    // Reported below like any other content that is not expected.
  }
  throw new FaceanimError(
    'checkpoint-corrupt',
    `${file ?? 'factors.json'} does not list the factors of a pack.`,
    {
      file,
      hint: 'Copy the folder of the pack again.',
    },
  );
}

/** Options of {@link factorsToZ}. */
export interface FactorsToZOptions {
  /** Decides the columns that are not given. Default 0. */
  seed?: number;
  /** An expression of the pack by name; the values given take precedence. */
  expression?: string;
}

const checks: OptionChecks<FactorsToZOptions> = { seed: seedCheck, expression: aText };

/**
 * Makes z of a face: the columns that are named take the values given, the others of the columns that mean something
 * are drawn from the seed, except that the group of an expression starts at 0 if one is asked for. Filler makes
 * |z|² = zDim, so that the generator's normalisation of z changes no factor.
 *
 * @returns z `[zDim]`
 * @throws FaceanimError `invalid-option` for unknown names and for values too large to leave room
 *
 * @example
 * const z = factorsToZ(pack.factors, { age: 1.5, yaw: 0 }, { seed: 7, expression: 'smile' });
 */
export function factorsToZ(
  factors: Factors,
  values: FactorValues = {},
  options: FactorsToZOptions = {},
): Float32Array {
  checkOptions('factorsToZ', options, checks);
  const { seed = 0, expression } = options;
  const { zDim, columns, expressions } = factors;
  const preset = expression === undefined ? undefined : expressions[expression];
  if (expression !== undefined && !Object.hasOwn(expressions, expression)) {
    throw unknownName('expression', expression, Object.keys(expressions));
  }
  const given = { ...preset, ...values };
  const names = new Set(columns.map(({ name }) => name));
  for (const [name, value] of Object.entries(given)) {
    if (!names.has(name)) throw unknownName('factor', name, [...names]);
    if (!Number.isFinite(value)) throw invalidOption(name, value, 'a finite number of standard deviations');
  }
  // Every column is drawn whether it is used or not: naming one more does not change the others.
  const z = Float32Array.from(randomState(seed).randn(zDim));
  for (const { index, name, group } of columns) {
    z[index] = given[name] ?? (preset && group === 'expression' ? 0 : z[index]!);
  }
  return fill(z, new Set(columns.map(({ index }) => index)));
}

function unknownName(kind: string, name: string, known: readonly string[]): FaceanimError {
  const meant = didYouMean(name, known);
  return new FaceanimError('invalid-option', `The pack has no ${kind} ${JSON.stringify(name)}.`, {
    hint: meant ? `Did you mean ${meant}?` : `It has ${known.join(', ')}.`,
  });
}

/** Scales the filler so that |z|² = zDim. */
function fill(z: Float32Array, meaningful: ReadonlySet<number>): Float32Array {
  const energy = (wanted: boolean) =>
    z.reduce((sum, v, i) => (meaningful.has(i) === wanted ? sum + v * v : sum), 0);
  const used = energy(true);
  const filler = energy(false);
  const room = z.length - used;
  if (room < 0) {
    const largest = Math.sqrt(z.length).toFixed(1);
    throw new FaceanimError(
      'invalid-option',
      `The factors have length ${Math.sqrt(used).toFixed(1)}, more than ${largest}.`,
      {
        hint: 'Use values between -3 and 3, or another seed.',
      },
    );
  }
  const scale = filler > 0 ? Math.sqrt(room / filler) : 0;
  return z.map((v, i) => (meaningful.has(i) ? v : v * scale));
}
