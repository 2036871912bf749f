import { type OptionChecks, oneOf, positiveNumber } from '@faceanim/tensor/options';

/** What a worker takes from strangers. Everything is checked before a file is decoded; more is `too-large`. */
export interface Limits {
  /** Pixels of a picture or of a frame of a video. Default 4096 × 4096. */
  readonly pixels?: number | undefined;
  /** Length of a video in seconds. Default 600. */
  readonly seconds?: number | undefined;
  /** Size of a file in bytes, in a folder of frames of all together. Default 2 GiB. */
  readonly bytes?: number | undefined;
  /**
   * Kinds of checkpoints and latents: those that hold only arrays, `safetensors` and `npy`, or also `pickle`, the files of
   * PyTorch. Pickles are read as data, and nothing in them is run, but a file of a stranger need not be one. Default only arrays.
   */
  readonly checkpoints?: 'arrays' | 'pickle' | undefined;
}

/** The limits of a worker that names none. */
export const defaultLimits: { readonly [Name in keyof Limits]-?: NonNullable<Limits[Name]> } = {
  pixels: 4096 * 4096,
  seconds: 600,
  bytes: 2 * 2 ** 30,
  checkpoints: 'arrays',
};

export const limitChecks: OptionChecks<Limits> = {
  pixels: positiveNumber,
  seconds: positiveNumber,
  bytes: positiveNumber,
  checkpoints: oneOf('arrays', 'pickle'),
};

/** Limits as flags of `faceanim animate`. */
export function limitFlags(limits: Limits = {}): string[] {
  const {
    pixels = defaultLimits.pixels,
    seconds = defaultLimits.seconds,
    bytes = defaultLimits.bytes,
    checkpoints = defaultLimits.checkpoints,
  } = limits;
  return [
    ...[`--max-pixels=${pixels}`, `--max-seconds=${seconds}`, `--max-bytes=${bytes}`],
    `--checkpoints=${checkpoints}`,
  ];
}
