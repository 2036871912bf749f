import { FaceanimError } from '@faceanim/tensor';
import type { Checkpoint } from '../checkpoints';
import { faceDescriptors } from '../descriptors/architectures';
import { discriminators } from '../discriminators/architectures';
import { encoders } from '../encoders/architectures';
import { generators } from '../generators/architectures';
import { landmarkNets } from '../landmarks/architectures';
import { lpipsHeads } from '../perceptual/heads';
import { trunks } from '../perceptual/trunks';
import type { Architecture } from './architecture';
import { subjectOf } from './check-weights';
import { type FoundNetwork, findNetworks } from './find-networks';

/** Architectures by kind, the kind that a file is most likely to be used for first. They may be anywhere in a file. */
const kinds: readonly (readonly Architecture[])[] = [
  generators,
  discriminators,
  landmarkNets,
  encoders,
  faceDescriptors,
];

/** Every architecture, in the order in which they are looked for: a file may hold a trunk and its heads. */
export const knownArchitectures: readonly Architecture[] = [
  ...kinds.flat(),
  ...Object.values(trunks),
  lpipsHeads,
];

/** Every network in a checkpoint, kind by kind, the one to use of a kind first. */
export function networksByKind(checkpoint: Pick<Checkpoint, 'tensors'>): FoundNetwork<Architecture>[][] {
  return kinds.map((kind) => findNetworks(kind, checkpoint)).filter((found) => found.length > 0);
}

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
  throw noSuchNetwork(role, candidates, weights.keys(), file);
}

/** The error for weights that fit none of the candidates; says what they look like instead. */
export function noSuchNetwork(
  role: string,
  candidates: readonly Architecture[],
  names: Iterable<string>,
  file: string | undefined,
): FaceanimError {
  const actual = identifyArchitecture(names)?.name;
  const anchors = candidates.flatMap((candidate) => candidate.anchors).join(' or ');
  return new FaceanimError(
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
