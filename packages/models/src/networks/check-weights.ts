import { FaceanimError, type HostTensor, type Weights } from '@faceanim/tensor';

/** Shapes of all tensors of a network, by name. */
export type WeightShapes = Readonly<Record<string, readonly number[]>>;

/** What {@link checkWeights} says about where weights come from. */
export interface WeightsContext {
  /** Name of the network for people, e.g. `FAN`. */
  network: string;
  /** File the weights were read from. */
  file?: string;
  /** Tensors that may be present and are not used. */
  ignore?: RegExp;
}

/**
 * Compares the tensors of a file with those that a network consists of.
 *
 * @throws FaceanimError `weights-mismatch` that lists every missing, unknown and mis-shaped tensor; `checkpoint-corrupt`
 * for values that are not finite
 */
export function checkWeights(weights: Weights, expected: WeightShapes, context: WeightsContext): void {
  const problems: string[] = [];
  for (const [name, shape] of Object.entries(expected)) {
    const found = weights.get(name);
    if (!found) problems.push(`${name} is missing`);
    else if (found.shape.join() !== shape.join()) {
      problems.push(`${name} is [${found.shape}], expected [${shape}]`);
    } else if (found.data.length === 0) problems.push(`${name} is empty, [${found.shape}]`);
  }
  for (const name of weights.keys()) {
    if (!(name in expected) && !context.ignore?.test(name)) problems.push(`${name} is unknown`);
  }
  if (problems.length > 0) throw weightsMismatch(context, problems);
  for (const name of Object.keys(expected)) {
    if (weights.get(name)!.data.every(Number.isFinite)) continue;
    throw new FaceanimError(
      'checkpoint-corrupt',
      `${name} of ${subjectOf(context)} holds values that are not finite.`,
      {
        file: context.file,
        hint: 'The training run diverged or the file is damaged: use another checkpoint.',
      },
    );
  }
}

/** A `weights-mismatch` error; its message lists the first of the problems. */
export function weightsMismatch(context: WeightsContext, problems: readonly string[]): FaceanimError {
  const shown = problems.slice(0, 12).join('; ');
  const more = problems.length > 12 ? `; and ${problems.length - 12} more` : '';
  return new FaceanimError('weights-mismatch', `${subjectOf(context)} does not fit: ${shown}${more}.`, {
    file: context.file,
    hint: `Pass a complete checkpoint of ${context.network}.`,
  });
}

/** The file, or the weights, as the subject of a sentence. */
export function subjectOf({ network, file }: Pick<WeightsContext, 'network' | 'file'>): string {
  return file === undefined ? `The weights of ${network}` : `${file}, read as ${network},`;
}

/** A tensor that {@link checkWeights} has found. */
export function weightOf(weights: Weights, name: string): HostTensor {
  return weights.get(name)!;
}
