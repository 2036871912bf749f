import type { RgbImage } from '@faceanim/core';

/** One frame of a video. */
export interface VideoFrame {
  /** Index among the frames of {@link VideoInfo}, from 0. With `every`, frames that are skipped count too. */
  readonly index: number;
  /** Seconds from the start of the video. */
  readonly time: number;
  /** The picture, upright 8-bit sRGB. */
  readonly image: RgbImage;
}

/** Size, rate and length of a video. */
export interface VideoInfo {
  /** Width of its frames in pixels as they are shown: turned upright, with square pixels. */
  readonly width: number;
  /** Height of its frames in pixels. */
  readonly height: number;
  /** Frames a second at which it is read. A folder of pictures and a still picture have no clock: 25. */
  readonly fps: number;
  /** Number of frames at that rate, if the file says. */
  readonly frames?: number;
  /** Whether its frames come at irregular times, so that a constant rate repeats some and skips others. */
  readonly variableRate: boolean;
  /** If they do: when each stored frame starts, in seconds from the first. `timing: 'source'` gives these frames. */
  readonly times?: readonly number[];
  /** Whether it has sound. `audio` of {@link writeVideo} copies it. */
  readonly sound: boolean;
  /** A video file, an animated (or still) picture, or a folder of pictures, which only Node has. */
  readonly kind: 'folder' | 'animation' | 'video';
}

/** Options of {@link openVideo} and {@link probeVideo}. */
export interface OpenVideoOptions {
  /** Stops the download and the probing; the promise rejects with `aborted`. */
  signal?: AbortSignal;
}

/** Which frames to read, and how. */
export interface ReadVideoOptions {
  /** Index of the first frame, from 0. Default 0. */
  start?: number;
  /** Take every n-th frame. Default 1. */
  every?: number;
  /** At most this many frames. Default: all. */
  limit?: number;
  /**
   * How to read frames that come at irregular times (phones, browsers, animated pictures). `constant` (default) gives the
   * frame that is shown at every tick of {@link VideoInfo.fps}, so that the speed is kept when they are written at that
   * rate; some frames are repeated and others skipped. `source` gives every frame once, with its own `time`; write
   * these with `times`.
   */
  timing?: 'constant' | 'source';
  /** Stops while the video is opened, or between two frames, and ends the decoder. */
  signal?: AbortSignal;
  /** Called once for each thing that was changed: HDR colours, frames of another size. */
  onWarning?: (message: string) => void;
}

/** An opened video, whose frames can be read any number of times. It holds nothing that must be released. */
export interface Video {
  /** Size, rate and length. */
  readonly info: VideoInfo;
  /**
   * Reads frames one by one, in order. Leaving the loop early ends the decoder.
   *
   * @throws FaceanimError (while iterating) `media` naming file and frame for a damaged video or no frame in the range;
   *   `invalid-option`; `aborted`
   */
  frames(options?: ReadVideoOptions): AsyncGenerator<VideoFrame>;
}
