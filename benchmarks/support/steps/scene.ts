import type { AlignedFrame, LandmarkNet, Latent, LatentStatistics, RgbImage } from '@faceanim/core';
import type { AvatarPack } from '@faceanim/models';
import type { Backend } from '@faceanim/tensor';

/** What all ideas are tried on. */
export interface Scene {
  readonly backend: Backend;
  readonly pack: AvatarPack;
  /** The landmark network of the pack, for pictures of half the size. */
  readonly halfLandmarkNet: LandmarkNet;
  readonly statistics: LatentStatistics;
  readonly look: RgbImage;
  readonly drivers: readonly AlignedFrame[];
  /** Evaluations of the first frame and of each later one. */
  readonly steps: { readonly first: number; readonly next: number };
  /** Of the landmarks of a latent's picture against those of the driver, in outer eye distances. */
  landmarkError(latent: Latent, driver: AlignedFrame): Promise<number>;
}
