import { FaceanimError, type HostTensor, type Weights } from '@faceanim/tensor';
import { identifyNetwork } from './identify-network';

/** Names and shapes of all tensors of a network. */
export type WeightShapes = Readonly<Record<string, readonly number[]>>;

/** What {@link checkWeights} is to know about a file and the network it should hold. */
export interface WeightsContext {
  /** Name of the network for people, e.g. `FAN`. */
  network: string;
  /** File the weights were read from. */
  file?: string;
  /** Tensors that may be there and are not used. */
  ignore?: RegExp;
}

/**
 * Compares the tensors of a file with those that a network consists of.
 *
 * @throws FaceanimError `weights-mismatch` that lists every missing, extra and mis-shaped tensor and names the
 * network that the file seems to hold; `checkpoint-corrupt` for values that are not finite
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
  if (problems.length > 0) throw weightsMismatch(weights, context, problems);
  for (const name of Object.keys(expected)) {
    if (weights.get(name)!.data.every(Number.isFinite)) continue;
    throw new FaceanimError(
      'checkpoint-corrupt',
      `${name} of ${where(context)} holds values that are not finite.`,
      {
        file: context.file,
        hint: 'The training that wrote the file diverged or the file was damaged; take another checkpoint.',
      },
    );
  }
}

/** The `weights-mismatch` error with all its reasons; lists the first few in the message. */
export function weightsMismatch(
  weights: Weights,
  context: WeightsContext,
  problems: readonly string[],
): FaceanimError {
  const actual = identifyNetwork(weights.keys());
  const shown = problems.slice(0, 12).join('; ');
  const more = problems.length > 12 ? `; and ${problems.length - 12} more` : '';
  const other = actual && actual !== context.network ? ` It looks like ${actual}.` : '';
  return new FaceanimError('weights-mismatch', `${where(context)} does not fit: ${shown}${more}.${other}`, {
    file: context.file,
    hint: other
      ? `Load the file as ${actual}, or pass the weights of ${context.network} here.`
      : `Pass a complete checkpoint of ${context.network}.`,
  });
}

function where({ network, file }: WeightsContext): string {
  return file === undefined ? `The weights of ${network}` : `${file}, read as ${network},`;
}

/** A tensor that {@link checkWeights} has found to be there. */
export function weightOf(weights: Weights, name: string): HostTensor {
  return weights.get(name)!;
}
