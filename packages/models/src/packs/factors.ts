import { FaceanimError, invalidOption, randomState } from '@faceanim/tensor';
import { aString, checkOptions, didYouMean, type OptionChecks, seedCheck } from '@faceanim/tensor/options';

/** A column of z that controls a named factor. */
export interface FactorColumn {
  /** Index of the column in z. */
  readonly index: number;
  /** Name, unique over all groups, e.g. `smile`. */
  readonly name: string;
  /** Group it belongs to, e.g. `expression`, `pose`, `hair`. */
  readonly group: string;
}

/** The named factors that a generator was trained on, as columns of z. */
export interface Factors {
  /** Length of z. */
  readonly zDim: number;
  /** Each is standard normal over the training faces; all other columns of z are filler that changes nothing. */
  readonly columns: readonly FactorColumn[];
  /** Facial expressions by name: values of columns in the group `expression`, 0 if left out. */
  readonly expressions: Readonly<Record<string, FactorValues>>;
}

/** Values of factors by name, in standard deviations. */
export type FactorValues = Readonly<Record<string, number>>;

/**
 * Parses a pack's `factors.json`.
 *
 * @throws FaceanimError `checkpoint-corrupt` if it is something else
 */
export function parseFactors(text: string, file?: string): Factors {
  try {
    const { z_dim: zDim, columns, expressions } = JSON.parse(text);
    if (Number.isInteger(zDim) && Array.isArray(columns) && expressions)
      return { zDim, columns, expressions };
  } catch {
    // Reported below, like any other unexpected content.
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
  /** Seed of the columns that are not given. Default 0. */
  seed?: number;
  /** Name of an expression of the pack; given values take precedence. */
  expression?: string;
}

const checks: OptionChecks<FactorsToZOptions> = { seed: seedCheck, expression: aString };

/**
 * Makes the z of a face from named factors. Factors that are not given are drawn from the seed or, with an `expression`,
 * start at 0 in that group. Filler columns make |z|² = zDim, so that the generator's normalisation of z changes no factor.
 *
 * Hair style, brows, eye colour and base proportions are choices: of the factors of one, such as `hair-bob01` to `hair-none`, the
 * largest decides, with an advantage for common ones. Raise one to about 2 and lower the others.
 *
 * @returns z `[zDim]`
 * @throws FaceanimError `invalid-option` for unknown names and for values that are too large
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
  // Every column is drawn, used or not, so that naming one more changes no other.
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

/** Scales the filler columns so that |z|² = zDim. */
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
