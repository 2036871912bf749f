/**
 * Pictures and video in and out: one interface, declared here, for Node and for browsers. Your runtime or bundler picks the
 * implementation. All calls work in workers too.
 *
 * @module @faceanim/media
 */
import type { RgbImage } from '@faceanim/core';
import type { WriteOptions, WrittenImage } from './image-output';
import type { ImageInput, ReadImageOptions, VideoInput } from './inputs';
import type { OpenVideoOptions, ReadVideoOptions, Video, VideoFrame, VideoInfo } from './video';
import type { ImageStream, WriteVideoOptions, WrittenVideo } from './video-output';

export { aiComment, withAiTag } from './ai-generated';
export type { ImageFormat, WriteFileOptions, WriteOptions, WrittenImage } from './image-output';
export {
  type ImageInput,
  inputName,
  type MediaInput,
  type ReadImageOptions,
  type VideoInput,
} from './inputs';
export type { OpenVideoOptions, ReadVideoOptions, Video, VideoFrame, VideoInfo } from './video';
export type { AudioOptions, ImageStream, WriteVideoOptions, WrittenVideo } from './video-output';

/**
 * Reads a picture as 8-bit sRGB: turned upright by its EXIF orientation, colour profile applied, transparency laid on
 * white. Of an animation it takes the first frame. The content decides what it is, not the name.
 *
 * Node reads PNG, JPEG (CMYK too), WebP, GIF, TIFF, AVIF and SVG. Browsers read what they show, such as PNG, JPEG, WebP,
 * GIF and AVIF, but no SVG.
 *
 * @throws FaceanimError naming the file: `io` if it cannot be read or fetched; `media` if it is damaged, a video, no
 *   picture, of a kind that is not read, or too large (in Node more than 268 million pixels, in browsers more than a canvas
 *   holds); `invalid-option`
 */
export declare function readImage(source: ImageInput, options?: ReadImageOptions): Promise<RgbImage>;

/**
 * Opens a video: `info` has its size, rate and length, and `frames()` reads it, any number of times. It may be a video file,
 * an animated WebP, GIF or PNG, a still picture (one frame), or, in Node, a folder of pictures in natural order. The content
 * decides, not the name.
 *
 * If a video changes its size, all frames are scaled to that of the first. HDR is mapped to SDR.
 *
 * Node needs the `ffmpeg` command for video files and animated PNG. Browsers decode by WebCodecs: MP4, MOV, WebM and
 * Matroska in their own codecs, in most H.264, VP8, VP9 and AV1. They fetch an address as a whole first. On a page they also
 * read a `MediaStream`, such as that of a camera: its pictures as they come, until it ends. A video element stands for the
 * file or stream that it shows; it is not played or moved.
 *
 * @throws FaceanimError naming the file: `io` if it cannot be read or fetched; `media` if it is damaged, no video, an empty
 *   folder, of a kind or in a codec that is not read, or if ffmpeg or WebCodecs are missing; `invalid-option`; `aborted`
 */
export declare function openVideo(source: VideoInput, options?: OpenVideoOptions): Promise<Video>;

/**
 * Reads the frames of a video one by one, in order: {@link openVideo} and {@link Video.frames} in one call.
 *
 * @throws FaceanimError (while iterating) as these
 */
export declare function readVideo(source: VideoInput, options?: ReadVideoOptions): AsyncGenerator<VideoFrame>;

/**
 * Size, rate and length of a video: the `info` of {@link openVideo}.
 *
 * @throws FaceanimError as {@link openVideo}
 */
export declare function probeVideo(source: VideoInput, options?: OpenVideoOptions): Promise<VideoInfo>;

/**
 * Writes a picture in the format of the extension of `path`: `.png`, `.jpg`, `.jpeg` or `.webp`. PNG and WebP are lossless.
 *
 * Node writes the file whole or not at all. Browsers write to memory: download or show the `blob()`.
 *
 * @throws FaceanimError `invalid-option` for another extension, or what is no RGB image, such as RGBA; `io` naming the file;
 *   `media` in a browser that does not encode the format or hold the size on a canvas
 */
export declare function writeImage(
  path: string,
  image: RgbImage,
  options?: WriteOptions,
): Promise<WrittenImage>;

/**
 * Checks that {@link writeImage} could start, without writing anything.
 *
 * @throws FaceanimError as {@link writeImage}
 */
export declare function checkImageOutput(path: string, options?: WriteOptions): Promise<void>;

/**
 * Writes frames of one size as they come. The extension of `path` decides what is written:
 *
 * - `.mp4` (H.264), `.webm` (VP9): a video file; in Node also `.mov`, `.mkv` (H.264). Odd sizes get a black line. `audio`
 *   gives it sound.
 * - `.webp`, `.gif`: an animated picture. GIF has 256 colours and at most 50 frames a second: of more, some are left out.
 * - none, or a slash at the end: a folder of `000000.png`, `000001.png`, …, in Node only.
 *
 * Node encodes video files by the `ffmpeg` command. A file appears when it is complete; after an error or abort nothing is
 * left of it. In a folder, finished frames stay; `faceanim.json` says how many are ours, and a folder with other pictures is
 * refused. Missing parent folders are made. A device or pipe gets the finished file.
 *
 * Browsers encode into memory, videos by WebCodecs and WebP by a canvas; `path` is a name to download the `blob()` by.
 *
 * @throws FaceanimError `invalid-option` for an unknown extension, a wrong fps, or a frame that is no RGB image, such as
 *   RGBA; `media` for no frames, frames of differing size, or an encoder that is missing or fails; `io` naming the path (full disk, no permission, file exists);
 *   `aborted`; and whatever `frames` throws. For an `audio.source` that cannot be read: `io` or `media` naming it
 */
export declare function writeVideo(
  path: string,
  frames: ImageStream,
  options: WriteVideoOptions,
): Promise<WrittenVideo>;

/**
 * Checks that {@link writeVideo} could start, without writing anything: extension, rate, encoder, and what exists at
 * `path`. Call it before long work whose result is to be written.
 *
 * @returns what would be written: a folder of frames, an animated picture or a video file
 * @throws FaceanimError as {@link writeVideo}
 */
export declare function checkVideoOutput(
  path: string,
  options: WriteVideoOptions,
): Promise<VideoInfo['kind']>;
