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
 * Encodes frames of one size as they come, and gives the finished file. Works in workers too.
 *
 * Differs from Node: there are no paths, so the video is a `Blob` in memory, to be shown
 * (`video.src = URL.createObjectURL(blob)`), downloaded or sent; and the browser encodes by WebCodecs, so that it depends
 * on the browser what it can write, which is found out before the first frame is asked for. Odd sizes get a black line.
 *
 * @throws FaceanimError `invalid-option`; `media` for no frames, frames of differing size, and where WebCodecs or their
 *   encoder are missing or fail; `aborted`; and whatever `frames` throws
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
