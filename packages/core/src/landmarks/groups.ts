import { invalidOption } from '@faceanim/tensor';
import { oneOf } from '@faceanim/tensor/options';

/** Number of iBUG landmarks of a face. */
export const landmarkCount = 68;

/**
 * The parts of a face in the iBUG-68 order: first and last landmark of each, as `projector_video.py` groups them.
 * Left and right are those of the picture. Landmark 30, the tip of the nose, is in two groups; the later one wins.
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
} as const satisfies Record<string, readonly [first: number, last: number]>;

/** Name of one of the nine {@link landmarkGroups}. */
export type LandmarkGroup = keyof typeof landmarkGroups;

const combinedGroups = {
  brows: ['leftEyebrow', 'rightEyebrow'],
  eyes: ['leftEye', 'rightEye'],
} as const satisfies Record<string, readonly LandmarkGroup[]>;

/** Name of a landmark group, or of a pair of them: `brows`, `eyes`. */
export type GroupName = LandmarkGroup | keyof typeof combinedGroups;

/**
 * How much each part of the face counts, 0 or more. A group's own name wins over the pair it belongs to:
 * `{ eyes: 2, leftEye: 1 }` gives the right eye 2.
 */
export type GroupWeights = Readonly<Partial<Record<GroupName, number>>>;

/** The weights of the original program's command line. */
export const originalGroupWeights: GroupWeights = {
  jaw: 0.05,
  brows: 1,
  noseBridge: 0.1,
  lowerNose: 1,
  eyes: 1,
  outerLip: 5,
  innerLip: 5,
};

/** The weights with which a whitened latent was measured to follow a driver best. */
export const defaultGroupWeights: GroupWeights = {
  jaw: 0.1,
  brows: 1,
  noseBridge: 0.3,
  lowerNose: 0.3,
  eyes: 4,
  outerLip: 2,
  innerLip: 2,
};

/**
 * Weights of groups to weights `[68]` of landmarks.
 *
 * @param groups weights that differ from `defaults`.
 * @param defaults weights of the groups that are not named; a group named nowhere gets 0.
 * @throws FaceanimError `invalid-option` for a weight that is negative or not finite, or an unknown group.
 */
export function landmarkWeights(groups: GroupWeights = {}, defaults = defaultGroupWeights): Float32Array {
  const byGroup = { ...expandPairs(defaults), ...expandPairs(groups) };
  const weights = new Float32Array(landmarkCount);
  for (const group of Object.keys(landmarkGroups) as LandmarkGroup[]) {
    const [first, last] = landmarkGroups[group];
    weights.fill(byGroup[group] ?? 0, first, last + 1);
  }
  return weights;
}

/** Replaces pairs by their members and checks names and values. */
function expandPairs(groups: GroupWeights): Partial<Record<LandmarkGroup, number>> {
  const expanded: Partial<Record<LandmarkGroup, number>> = {};
  const named: Partial<Record<LandmarkGroup, number>> = {};
  for (const [name, weight] of Object.entries(groups)) {
    if (weight === undefined) continue;
    const isPair = Object.hasOwn(combinedGroups, name);
    if (!isPair && !Object.hasOwn(landmarkGroups, name)) {
      oneOf(...Object.keys(landmarkGroups), ...Object.keys(combinedGroups))(name, 'A landmark group');
    }
    if (!Number.isFinite(weight) || weight < 0) {
      throw invalidOption(`The weight of landmark group ${name}`, weight, 'a finite number, 0 or more');
    }
    if (isPair)
      for (const member of combinedGroups[name as keyof typeof combinedGroups]) expanded[member] = weight;
    else named[name as LandmarkGroup] = weight;
  }
  return { ...expanded, ...named };
}
