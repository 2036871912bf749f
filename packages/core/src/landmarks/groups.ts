import { FaceanimError, invalidOption } from '@faceanim/tensor';
import { oneOf } from '@faceanim/tensor/options';
import type { LandmarkNet } from '../contracts/landmark-net';

/** Number of landmarks in the iBUG layout: 68. */
export const landmarkCount = 68;

/**
 * The parts of a face in the iBUG-68 layout: first and last landmark of each, as `projector_video.py` groups them. Left and
 * right are as seen in the picture. Landmark 30, the tip of the nose, is in two groups; the later one applies.
 */
export const landmarkGroups = {
  jaw: [0, 16],
  leftEyebrow: [17, 21],
  rightEyebrow: [22, 26],
  noseBridge: [27, 30],
  lowerNose: [30, 35],
  leftEye: [36, 41],
  rightEye: [42, 47],
  outerLip: [48, 59],
  innerLip: [60, 67],
} as const satisfies Groups;

/** Name of one of the nine {@link landmarkGroups}. */
export type LandmarkGroup = keyof typeof landmarkGroups;

const pairs = {
  brows: ['leftEyebrow', 'rightEyebrow'],
  mouth: ['outerLip', 'innerLip'],
  eyes: ['leftEye', 'rightEye'],
} as const satisfies Record<string, readonly LandmarkGroup[]>;

/** Name of an iBUG landmark group, or of a pair of them: `brows`, `mouth`, `eyes`. */
export type GroupName = LandmarkGroup | keyof typeof pairs;

/**
 * Weights of the parts of the face in a loss term, 0 or more. A group overrides the pair it belongs to: with
 * `{ eyes: 2, leftEye: 1 }` the right eye has weight 2. A network with its own `groups` has other names.
 */
export type GroupWeights = Readonly<Partial<Record<GroupName, number>> & Record<string, number | undefined>>;

type Groups = NonNullable<LandmarkNet['groups']>;

/** The landmarks of a network: their number and groups. */
export type LandmarkLayout = Pick<LandmarkNet, 'points' | 'groups'>;

/** The iBUG-68 layout: 68 points in {@link landmarkGroups}. */
export const ibug68: LandmarkLayout = { points: landmarkCount, groups: landmarkGroups };

/** Default group weights of the original program. */
export const originalGroupWeights: GroupWeights = {
  jaw: 0.05,
  brows: 1,
  noseBridge: 0.1,
  lowerNose: 1,
  eyes: 1,
  outerLip: 5,
  innerLip: 5,
};

/**
 * Default group weights: those with which a whitened latent followed drivers best in our measurements. They are for landmarks
 * on the look's own face, as retargeting gives them. With those of the driver, jaw and nose pull towards its proportions.
 */
export const defaultGroupWeights: GroupWeights = {
  jaw: 0.3,
  brows: 6,
  noseBridge: 1,
  lowerNose: 1,
  eyes: 4,
  outerLip: 2,
  innerLip: 2,
};

/** Default group weights of a layout: {@link defaultGroupWeights} for iBUG-68, else 1 for every group. */
export function defaultWeightsOf(layout: LandmarkLayout): GroupWeights {
  const groups = groupsOf(layout);
  if (groups === landmarkGroups) return defaultGroupWeights;
  return Object.fromEntries(Object.keys(groups).map((name) => [name, 1]));
}

/**
 * Expands group weights to one weight per landmark, `[points]`.
 *
 * @param groups weights that differ from `defaults`.
 * @param layout for example the landmark network. Default {@link ibug68}.
 * @param defaults weights of the groups not in `groups`; a group in neither has weight 0. Default: those of the layout.
 * @throws FaceanimError `invalid-option` for a weight that is negative or not finite, an unknown group, or a network
 *   without known groups.
 */
export function landmarkWeights(
  groups: GroupWeights = {},
  layout = ibug68,
  defaults = defaultWeightsOf(layout),
): Float32Array {
  const all = groupsOf(layout);
  const byGroup = { ...expandPairs(defaults, all), ...expandPairs(groups, all) };
  const weights = new Float32Array(layout.points);
  for (const [name, [first, last]] of Object.entries(all)) weights.fill(byGroup[name] ?? 0, first, last + 1);
  return weights;
}

/**
 * Throws unless there are 68 landmarks, as in the iBUG layout.
 *
 * @param what the caller, for the message.
 */
export function checkIbug68(points: number, what: string): void {
  if (points === landmarkCount) return;
  throw new FaceanimError('invalid-option', `${what} needs the 68 iBUG landmarks, but there are ${points}.`, {
    hint: 'Pass a landmark network with 68 points, e.g. that of avatarPack() or loadLandmarkNet(). Only loss terms accept others.',
  });
}

function groupsOf({ points, groups }: LandmarkLayout): Groups {
  if (!groups) {
    if (points === landmarkCount) return landmarkGroups;
    throw new FaceanimError('invalid-option', `The landmark network has ${points} points and no groups.`, {
      hint: 'Add groups: { name: [first, last] } to the network. Only 68 iBUG points have groups by default.',
    });
  }
  for (const [name, [first, last]] of Object.entries(groups)) {
    if (Number.isInteger(first) && Number.isInteger(last) && first >= 0 && first <= last && last < points)
      continue;
    const expected = `[first, last] between 0 and ${points - 1}`;
    throw invalidOption(`Group ${name} of the landmark network`, `[${first}, ${last}]`, expected);
  }
  return groups;
}

/** Replaces pairs by their members, and checks names and values. */
function expandPairs(weights: GroupWeights, groups: Groups): Record<string, number> {
  const known: Record<string, readonly LandmarkGroup[]> = groups === landmarkGroups ? pairs : {};
  const expanded: Record<string, number> = {};
  const named: Record<string, number> = {};
  for (const [name, weight] of Object.entries(weights)) {
    if (weight === undefined) continue;
    const isPair = Object.hasOwn(known, name);
    if (!isPair && !Object.hasOwn(groups, name)) {
      oneOf(...Object.keys(groups), ...Object.keys(known))(name, 'A landmark group');
    }
    if (!Number.isFinite(weight) || weight < 0) {
      throw invalidOption(`The weight of landmark group ${name}`, weight, 'a finite number, 0 or more');
    }
    if (isPair) for (const member of known[name]!) expanded[member] = weight;
    else named[name] = weight;
  }
  return { ...expanded, ...named };
}
