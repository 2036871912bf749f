import { FaceanimError } from '@faceanim/tensor';
import type { RgbImage } from '../../src/contracts/image';
import type { FaceLocator } from '../../src/landmarks/locate';
import { type PaintedFace, paintedFaceNet, paintFaces } from './painted-face';

export const net = paintedFaceNet();

/** Finds painted faces at once, by the pixel in their middle. */
export const locate: FaceLocator = async ({ width, height, data }) => {
  const found: Awaited<ReturnType<FaceLocator>>[number][] = [];
  for (let i = 0; i < width * height; i++) {
    const [r, g, b] = data.subarray(3 * i, 3 * i + 3);
    const isMiddle = r === 128 && g === 128 && b! > 0;
    const center = [i % width, Math.floor(i / width)] as const;
    const again = found.some(
      ({ quad }) => Math.hypot(quad.center[0] - center[0], quad.center[1] - center[1]) < 3,
    );
    if (isMiddle && !again) found.push({ quad: { center, x: [64, 0], y: [0, 64] }, score: 1 });
  }
  return found;
};

/** Frames of 240 x 180 with faces at these places. */
export async function* play(places: readonly (readonly [number, number] | undefined)[], step = 1) {
  for (const [i, at] of places.entries()) yield { index: i * step, image: shown(at ? [{ at }] : []) };
}

/** A picture of 240 x 180 with faces. */
export function shown(
  faces: readonly PaintedFace[],
  background?: Parameters<typeof paintFaces>[3],
): RgbImage {
  return paintFaces(240, 180, faces, background);
}

export async function errorOf(run: Promise<unknown>): Promise<FaceanimError> {
  const error = await run.then(
    () => undefined,
    (reason) => reason,
  );
  if (!FaceanimError.isInstance(error)) throw error ?? new Error('did not fail');
  return error;
}
