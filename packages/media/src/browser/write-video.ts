import { throwIfAborted } from '@faceanim/tensor';
import { checkOptions, type OptionChecks, oneOf } from '@faceanim/tensor/options';
import {
  checkedFrames,
  framesCheck,
  type ImageStream,
  type WriteFramesOptions,
  writeFramesChecks,
} from '../write-frames';
import { needWebCodecs } from './web-codecs';

/** Options of {@link writeVideo}. */
export interface WriteVideoOptions extends WriteFramesOptions {
  /** `mp4` has H.264 and plays everywhere, `webm` has VP9. Default `mp4`. */
  format?: 'mp4' | 'webm';
}

const checks: OptionChecks<WriteVideoOptions> = { ...writeFramesChecks, format: oneOf('mp4', 'webm') };

/**
 * Writes frames of one size as they come, into a finished file in memory. Works in workers too.
 *
 * Differs from Node: there are no paths, so the result is a `Blob`, to show (`video.src = URL.createObjectURL(blob)`),
 * download or send. The browser encodes by WebCodecs, so what can be written depends on the browser; a missing encoder
 * is reported before the first frame is requested. Odd sizes get a black line.
 *
 * @throws FaceanimError `invalid-option`; `media` for no frames, frames of differing size, or an encoder that is missing or
 *   fails; `aborted`; and whatever `frames` throws
 */
export async function writeVideo(frames: ImageStream, options: WriteVideoOptions): Promise<Blob> {
  checkOptions('writeVideo', options, checks, { required: ['fps'] });
  framesCheck(frames, 'The frames of writeVideo');
  const { fps, format = 'mp4', signal } = options;
  throwIfAborted(signal);
  const name = `video.${format}`;
  needWebCodecs('VideoEncoder', name);
  const { encodeVideo } = await import('./encode-video');
  return encodeVideo(checkedFrames(frames, name, options), { name, format, fps });
}
