import { FaceanimError } from '@faceanim/tensor';
import { rangesOf } from '../ranges';
import type { TrackOptions } from './track-options';

/** Keeps account of the frames without a face, by the rule of `onMissingFace`. */
export class MissingFaces {
  readonly #frames: number[] = [];
  readonly #options: Pick<TrackOptions, 'face' | 'onMissingFace' | 'onWarning'>;

  constructor(options: Pick<TrackOptions, 'face' | 'onMissingFace' | 'onWarning'>) {
    this.#options = options;
  }

  /** Whether frames without a face are filled with a face held from another frame. */
  get held(): boolean {
    return (this.#options.onMissingFace ?? 'hold') === 'hold';
  }

  /** @throws FaceanimError `no-face` if a missing face is an error. */
  add(index: number): void {
    if (this.#options.onMissingFace === 'error') {
      throw new FaceanimError('no-face', `No face was found in frame ${index}.`, {
        frame: index,
        hint: "Pass onMissingFace: 'hold' or 'skip', crop to the face, or lower minScore.",
      });
    }
    this.#frames.push(index);
  }

  /**
   * Warns at the end of a clip.
   *
   * @throws FaceanimError `no-face` if no frame had a face.
   */
  end(count: number): void {
    const missing = this.#frames.length;
    if (missing === 0) return;
    if (missing === count) throw noFaceAtAll(this.#frames[0]!, count, this.#options.face);
    const what = this.held ? 'The face of a frame nearby is held there.' : 'They are left out.';
    this.#options.onWarning?.(
      `No face was found in ${missing} of ${count} frames: ${rangesOf(this.#frames)}. ${what}`,
    );
  }
}

function noFaceAtAll(frame: number, count: number, face: TrackOptions['face']): FaceanimError {
  const where = count === 1 ? `frame ${frame}` : `any of the ${count} frames`;
  if (typeof face === 'number' && face > 0) {
    return new FaceanimError('no-face', `No face ${face} was found in ${where}.`, {
      frame,
      hint: 'Faces are counted from left to right, from 0. Or pass a point {x, y} of the face.',
    });
  }
  return new FaceanimError('no-face', `No face was found in ${where}.`, {
    frame,
    hint: 'Is the video upright, and does it show the face of a person? Crop it to the face, or lower minScore.',
  });
}
