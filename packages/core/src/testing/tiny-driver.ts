import { randomState } from '@faceanim/tensor';
import { ibug68 } from '../landmarks/groups';
import type { AlignedFrame } from '../landmarks/track';

/** Creates small random driver frames, as if aligned by `trackFaces`, for runs with tiny networks. */
export function tinyDriver(count: number): AlignedFrame[] {
  return Array.from({ length: count }, (_, index) => {
    const values = randomState(100 + index).randn(16 * 16 * 3);
    const data = Uint8Array.from(values, (x) => Math.max(0, Math.min(255, 128 + 60 * x)));
    const landmarks = new Float64Array(2 * ibug68.points).fill(8);
    return {
      ...{ index, shot: 0, found: true, landmarks, alignedLandmarks: landmarks, score: 1 },
      image: { width: 16, height: 16, data },
      quad: { center: [8, 8], x: [8, 0], y: [0, 8] },
    };
  });
}
