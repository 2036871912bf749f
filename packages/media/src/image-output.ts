import { FaceanimError } from '@faceanim/tensor/errors';
import { aFunction, type OptionChecks, trueOrFalse } from '@faceanim/tensor/options';
import { pathCheck } from './path-check';

/** Options of every call that writes. */
export interface WriteOptions {
  /** Whether an existing file may be replaced. Default true. Browsers ignore it, since they write to memory. */
  overwrite?: boolean;
  /**
   * Whether the file says in its metadata that a trained model made its pictures: IPTC's digital source type
   * `trainedAlgorithmicMedia`, as XMP in pictures, as the comment of videos and GIF. Default true; pass false for pictures
   * that no model made. See https://cv.iptc.org/newscodes/digitalsourcetype.
   */
  aiGenerated?: boolean;
}

/** Checked like any other option: a misspelt `overwrite: false` must not replace a file. */
export const writeChecks: OptionChecks<WriteOptions> = { overwrite: trueOrFalse, aiGenerated: trueOrFalse };

/** Options of calls that write one file. */
export interface WriteFileOptions extends WriteOptions {
  /**
   * Called with the finished file before it gets its name, for example to record its hash; an error leaves none. It is not
   * called for devices and pipes, folders, or in browsers.
   */
  beforeRename?: (temporary: string) => Promise<void>;
}

export const writeFileChecks: OptionChecks<WriteFileOptions> = { ...writeChecks, beforeRename: aFunction };

/** What {@link writeImage} has written. */
export interface WrittenImage {
  /** The path that was asked for; in browsers a name to download it by. */
  readonly path: string;
  /**
   * The encoded picture.
   *
   * @throws FaceanimError `io` if the file is gone
   */
  blob(): Promise<Blob>;
}

/** Formats of pictures that can be written. */
export type ImageFormat = 'png' | 'jpeg' | 'webp';

/**
 * The format that an extension stands for.
 *
 * @throws FaceanimError `invalid-option`
 */
export function imageFormat(path: string): ImageFormat {
  pathCheck(path, 'path');
  const [, extension] = /[^/\\]\.(png|jpe?g|webp)$/i.exec(path) ?? [];
  if (extension) return extension.toLowerCase().replace('jpg', 'jpeg') as ImageFormat;
  throw new FaceanimError('invalid-option', `${path} is in no format that can be written.`, {
    file: path,
    hint: 'Use .png, .jpg or .webp.',
  });
}
