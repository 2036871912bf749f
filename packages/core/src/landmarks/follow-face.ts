import type { RgbImage } from '../contracts/image';
import type { Quad } from '../images/quad';
import { type Appearance, appearanceOf, blendAppearance, difference } from './appearance';
import { choiceMessage, chooseFace } from './choose-face';
import { type FoundFace, scanForFaces } from './locate';
import { type LocatedFace, refineFace } from './locate-face';
import { changeOfColours, isCut, type Scene, sceneOf } from './scene';
import type { TrackOptions } from './track-options';

/** A face found by a {@link FaceFollower}. */
export interface FollowedFace extends LocatedFace {
  /** Whether a new shot begins: after a cut, where the face has jumped, or with another face. */
  readonly newShot: boolean;
}

/** Finds the face in the next frame of a driver. */
export type FaceFollower = (
  frame: { readonly index: number; readonly image: RgbImage },
  /** The quad of a fixed crop, which also selects the face. */
  crop: Quad | undefined,
  /** Default: that of the options. */
  signal?: AbortSignal,
) => Promise<FollowedFace | undefined>;

/** The face where it was seen last. */
interface Known {
  readonly index: number;
  readonly quad: Quad;
  readonly scene: Scene;
  readonly appearance: Appearance;
  /** Running mean of its appearance. */
  readonly usual: Appearance;
  /** Number of frames in the mean. */
  readonly seen: number;
}

/** Frames without the face after which another one may take its place. */
const patience = 25;
/** Share of the colours below whose change a picture is not searched again. */
const unchanged = 0.02;
/** Frames in the running mean of the appearance. */
const memory = 25;
/** A face moves by at most this many sides of its quad in a frame; a jump is a cut. Quick shakes of the head reach 0.1. */
const largestStep = 0.3;
/** And grows or shrinks by at most this factor. */
const largestGrowth = 1.4;

/** Options of {@link followFace}. */
interface FollowOptions extends TrackOptions {
  /** Whether to run the network only once where the face was last, which is half as much work. Default false. */
  readonly quick?: boolean;
}

/**
 * Follows one face by position and by appearance. It is looked for where it was last, then in the whole picture, among
 * faces that look like it. After a cut, or a second without it, a face is chosen anew.
 */
export function followFace(options: FollowOptions): FaceFollower {
  const { landmarkNet, minScore, face: choice = 'largest', quick: close, onWarning } = options;
  let known: Known | undefined;
  let missed = 0;
  /** The picture that was searched last, in vain. */
  let searched: Scene | undefined;

  return async ({ index, image }, crop, signal = options.signal) => {
    const scene = sceneOf(image);
    const cut = known !== undefined && isCut(known.scene, scene);
    const followed = cut ? undefined : known;
    const refine = (quad: Quad) => refineFace(image, quad, { landmarkNet, minScore });
    const anew = !followed || missed >= patience;
    const locate = async () => {
      const due = missed % patience === 0;
      if (searched && !due && changeOfColours(searched, scene) < unchanged) return [];
      searched = scene;
      return (options.locate ?? scanForFaces(landmarkNet, minScore))(image, {
        signal,
        thorough: anew && due,
      });
    };

    const continued = async (last: Known): Promise<LocatedFace | undefined> => {
      const face = await refineFace(image, last.quad, { landmarkNet, minScore, close });
      return face && isSameFace(last, appearanceOf(image, face)) ? face : undefined;
    };
    const foundAgain = async (last: Known, faces: readonly FoundFace[]): Promise<LocatedFace | undefined> => {
      let best: LocatedFace | undefined;
      let least = Number.POSITIVE_INFINITY;
      for (const { quad } of faces) {
        const face = await refine(quad);
        if (!face) continue;
        const unlike = difference(last.usual, appearanceOf(image, face));
        const cost = unlike + distanceInSides(last.quad, face.quad);
        if (unlike < 1 && cost < least) [best, least] = [face, cost];
      }
      return best;
    };
    const chosenAmong = async (faces: readonly FoundFace[]): Promise<LocatedFace | undefined> => {
      const chosen = chooseFace(faces, choice);
      const face = chosen && (await refine(chosen.face.quad));
      if (face && chosen.count > 1) onWarning?.(choiceMessage(`Frame ${index}`, chosen));
      return face;
    };

    let another = cut;
    let face = followed && (await continued(followed));
    if (!face && crop) face = await refine(crop);
    else if (!face) {
      const faces = await locate();
      face = followed && (await foundAgain(followed, faces));
      if (!face && anew) {
        face = await chosenAmong(faces);
        another = true;
      }
    }
    if (!face) {
      missed++;
      return undefined;
    }
    missed = 0;
    searched = undefined;
    const newShot = known !== undefined && (another || hasJumped(known, index, face.quad));
    const appearance = appearanceOf(image, face);
    const seen = newShot || !known ? 1 : Math.min(memory, known.seen + 1);
    const usual = newShot || !known ? appearance : blendAppearance(known.usual, appearance, 1 / seen);
    known = { index, quad: face.quad, scene, appearance, usual, seen };
    return { ...face, newShot };
  };
}

/** Like it usually looks, or almost as in the last frame: a head may turn far, but not at once. */
function isSameFace({ usual, appearance }: Known, now: Appearance): boolean {
  return difference(usual, now) < 1 || difference(appearance, now) < 0.5;
}

function hasJumped(last: Known, index: number, quad: Quad): boolean {
  const frames = index - last.index;
  const growth = Math.abs(Math.log(Math.hypot(...quad.x) / Math.hypot(...last.quad.x)));
  return distanceInSides(last.quad, quad) > largestStep * frames || growth > Math.log(largestGrowth) * frames;
}

/** Distance of the centres in sides of the first quad. */
function distanceInSides(a: Quad, b: Quad): number {
  return Math.hypot(a.center[0] - b.center[0], a.center[1] - b.center[1]) / (2 * Math.hypot(...a.x));
}
