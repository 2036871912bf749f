import type { LossTerm } from '../contracts/loss-term';
import type { ScalarOrSchedule } from '../contracts/progress';
import { type LatentNorm, latentDistance } from './norms';

/** Options of {@link smooth}. */
export interface SmoothOptions {
  /** λ3. Default 0.05, the original's. */
  weight?: ScalarOrSchedule;
  /** Default `l2`. */
  norm?: LatentNorm;
}

/**
 * Temporal smoothness smooth(w^i, w^{i-1}): distance of the latent to that of the frame before, over all layers and
 * dimensions of W+. Takes no part in frame 0. In a batch of frames it pulls both ways.
 */
export function smooth({ weight = 0.05, norm = 'l2' }: SmoothOptions = {}): LossTerm {
  return {
    specificationVersion: 'v1',
    name: 'smooth',
    weight,
    applies: (frame) => frame.previous !== undefined,
    value: ({ ws, previous }) => latentDistance(ws, previous!, norm),
  };
}
