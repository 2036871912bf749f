import type { AlignedFrame, LandmarkNet, Latent, LatentStatistics, RgbImage } from '@faceanim/core';
import type { AvatarPack } from '@faceanim/models';
import type { Backend } from '@faceanim/tensor';

/** What every idea is tried on. */
export interface Scene {
  readonly backend: Backend;
  readonly pack: AvatarPack;
  /** The landmark network of the pack for pictures of half the size. */
  readonly halfLandmarkNet: LandmarkNet;
  readonly statistics: LatentStatistics;
  readonly look: RgbImage;
  readonly drivers: readonly AlignedFrame[];
  /** Evaluations of the first frame and of each later one. */
  readonly steps: { readonly first: number; readonly next: number };
  /** Mean distance between the landmarks of a latent's picture and those of the driver, in outer eye distances. */
  landmarkError(latent: Latent, driver: AlignedFrame): Promise<number>;
}
