import { FaceanimError } from '@faceanim/tensor';
import type { RgbImage } from '../contracts/image';
import { cropQuad } from '../images/warp';
import type { PlainFrame } from '../landmarks/driver-frames';
import type { ClipFrame } from '../landmarks/track-clip';
import { pictureHash } from './hashes';
import { iterate } from './streams';

/** A clip that was tracked, and how it is read again. */
export interface ReadAgain {
  /** Opens it once more. */
  readonly open: () => AsyncIterable<PlainFrame> | Iterable<PlainFrame>;
  /** All of its frames. */
  readonly clip: readonly ClipFrame[];
  /** The crop of its first frame with a face. */
  readonly first: RgbImage;
  /** Hashes of its pictures, by frame index. */
  readonly hashes: ReadonlyMap<number, string | undefined>;
}

/**
 * Crops some frames of a clip, which are in order, while it is read again: the crops of all would not fit into memory.
 *
 * @throws {FaceanimError} `media` for a clip that has changed since it was tracked; whatever the clip throws.
 */
export async function* croppedAgain<T extends ClipFrame>(
  frames: readonly T[],
  { open, clip, first, hashes }: ReadAgain,
): AsyncGenerator<T & { readonly image: RgbImage }> {
  const shown = framesShown(clip);
  let [at, image] = [shown.get(clip[0]!.index)!, first];
  const pictures = iterate(open());
  try {
    for (const frame of frames) {
      const index = shown.get(frame.index)!;
      while (at < index) {
        const { value } = await pictures.next();
        if (!value || value.index > index) throw changed(index);
        if (value.index !== index) continue;
        if ((await pictureHash(value.image)) !== hashes.get(index)) throw changed(index);
        [at, image] = [index, cropQuad(value.image, frame.quad, first.width)];
      }
      yield { ...frame, image };
    }
  } finally {
    await pictures.return(undefined);
  }
}

/** For each frame the one whose face it shows: the last one before it with a face, else the first of all. */
function framesShown(clip: readonly ClipFrame[]): ReadonlyMap<number, number> {
  let shown = clip.find(({ found }) => found)!.index;
  return new Map(clip.map(({ index, found }) => [index, (shown = found ? index : shown)]));
}

function changed(frame: number): FaceanimError {
  return new FaceanimError('media', `Frame ${frame} of the driver is another one than when it was tracked.`, {
    frame,
    hint: 'Leave the driver as it is while a run goes on, and let the function that opens it always return the same frames.',
  });
}
