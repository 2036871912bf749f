import { FaceanimError } from '@faceanim/tensor';
import { discriminators } from '../discriminators/architectures';
import { linearEncoderArchitecture } from '../encoders/linear-encoder';
import { generators } from '../generators/architectures';
import { landmarkNets } from '../landmarks/architectures';
import { lpipsHeads } from '../perceptual/heads';
import { trunks } from '../perceptual/trunks';
import type { Architecture } from './architecture';
import { subjectOf } from './check-weights';

/** Every architecture, in the order in which they are looked for: a file may hold a trunk and its heads. */
export const knownArchitectures: readonly Architecture[] = [
  ...generators,
  ...discriminators,
  ...landmarkNets,
  ...Object.values(trunks),
  lpipsHeads,
  linearEncoderArchitecture,
];

/** The architecture that tensors of these names belong to, or undefined. */
export function identifyArchitecture(names: Iterable<string>): Architecture | undefined {
  const all = new Set(names);
  return knownArchitectures.find(({ anchors }) => anchors.some((anchor) => all.has(anchor)));
}

/**
 * Picks the architecture to build from some weights.
 *
 * @param role what is wanted, for messages: `a generator`
 * @throws FaceanimError `weights-mismatch` if the weights fit none of the candidates; says what they look like instead
 */
export function chooseArchitecture<A extends Architecture>(
  role: string,
  candidates: readonly A[],
  weights: Pick<ReadonlyMap<string, unknown>, 'has' | 'keys'>,
  file?: string,
): A {
  const chosen = candidates.find(({ anchors }) => anchors.some((anchor) => weights.has(anchor)));
  if (chosen) return chosen;
  const actual = identifyArchitecture(weights.keys())?.name;
  const anchors = candidates.flatMap((candidate) => candidate.anchors).join(' or ');
  throw new FaceanimError(
    'weights-mismatch',
    `${subjectOf({ network: role, file })} lacks ${anchors}.${actual ? ` It looks like ${actual}.` : ''}`,
    {
      file,
      hint: actual
        ? `Load the file as ${actual}, or pass the weights of ${role} here.`
        : `Pass a complete checkpoint of ${role}.`,
    },
  );
}
