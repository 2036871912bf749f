import { type OptionChecks, wholeNumberFrom } from '@faceanim/tensor/options';

/** The size at which to read a picture. */
export interface ReadImageOptions {
  /** Side in pixels: the picture is cropped to its central square and scaled. Default: as it is. */
  size?: number;
  /**
   * Longest side in pixels: a larger picture is shrunk while it is decoded, so that photographs of any size take little
   * memory. Default: no limit.
   */
  maxSide?: number;
}

export const readImageChecks: OptionChecks<ReadImageOptions> = {
  size: wholeNumberFrom(1),
  maxSide: wholeNumberFrom(1),
};

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}
