import { ffhqQuad, imageToQuad } from '@faceanim/core/landmarks';
import type { AvatarPack } from '@faceanim/models';
import { answerReads } from '../null-webgpu';

/** Landmarks of the lower lip and the chin. */
const opening = [6, 7, 8, 9, 10, 55, 56, 57, 58, 59, 65, 66, 67];

/**
 * Lets runs and live sessions use Dawn's null device, which computes nothing: its landmarks are those of a face that talks, and
 * everything else that is read is 1. The encoder cannot tell its generator there.
 */
export function withNullFace(models: AvatarPack): AvatarPack {
  const { landmarkNet, landmarkModel } = models;
  const { mean } = landmarkModel;
  const face = Float64Array.from({ length: 2 * landmarkNet.points }, (_, i) =>
    i % 2 === 0 ? mean[3 * (i >> 1)]! : -mean[3 * (i >> 1) + 1]!,
  );
  const still = imageToQuad(face, ffhqQuad(face)!, landmarkNet.heatmapSize);
  let reads = 0;
  const peaks = () => {
    const open = 1 + Math.sin(reads++ / 3);
    const found = new Float32Array(3 * landmarkNet.points);
    for (let p = 0; p < landmarkNet.points; p++) {
      const moved = opening.includes(p) ? open : 0;
      found.set([still[2 * p]!, still[2 * p + 1]! + moved, 0.8], 3 * p);
    }
    return found;
  };
  const ones = new Map<number, ArrayBuffer>();
  answerReads((bytes) => {
    if (bytes === 12 * landmarkNet.points) return peaks().buffer;
    if (!ones.has(bytes)) ones.set(bytes, new Float32Array(bytes / 4).fill(1).buffer);
    return ones.get(bytes)!;
  });
  return { ...models, encoder: { ...models.encoder, generator: undefined } };
}
