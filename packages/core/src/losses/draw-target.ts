import type { HostTensor } from '@faceanim/tensor';
import { drawHeatmaps } from '../landmarks/heatmap-shape';
import type { FrameContext } from './loss-term';

/** Draws the heat maps of the target landmarks of a frame, `[1, heatmapSize, heatmapSize, points]`. */
export function drawTarget(
  { image, targetLandmarks }: FrameContext['drivers'][number],
  { net: { heatmapSize, points }, shape }: NonNullable<FrameContext['heatmapShape']>,
): HostTensor {
  const cells = targetLandmarks!.map((value) => (value * heatmapSize) / image.width);
  return { shape: [1, heatmapSize, heatmapSize, points], data: drawHeatmaps(shape, cells) };
}
