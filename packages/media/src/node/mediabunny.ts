/** The part of `mediabunny` that is used here; the package is optional, so its own types may be absent. */
export interface Mediabunny {
  readonly ALL_FORMATS: unknown;
  Input: new (options: { source: unknown; formats: unknown }) => MediaInput;
  FilePathSource: new (path: string) => unknown;
  EncodedPacketSink: new (track: VideoTrack) => { packets(...range: unknown[]): AsyncIterable<Packet> };
  VideoSampleSink: new (track: VideoTrack, options: object) => { samples(): AsyncIterable<VideoSample> };
  Output: new (options: { format: unknown; target: unknown }) => MediaOutput;
  FilePathTarget: new (path: string) => unknown;
  Mp4OutputFormat: new () => unknown;
  MovOutputFormat: new () => unknown;
  WebMOutputFormat: new () => unknown;
  MkvOutputFormat: new () => unknown;
  Quality: new (options: { quantizer: number; bitrate: number }) => unknown;
  VideoSampleSource: new (config: object) => { add(sample: VideoSample): Promise<void> };
  VideoSample: new (data: Uint8Array, init: object) => VideoSample;
}

/** A file that is read. */
export interface MediaInput {
  getPrimaryVideoTrack(): Promise<VideoTrack | null>;
  getPrimaryAudioTrack(): Promise<unknown>;
  dispose(): void;
}

/** A video track of an input. */
export interface VideoTrack {
  getDisplayWidth(): Promise<number>;
  getDisplayHeight(): Promise<number>;
  getColorSpace(): Promise<ColorSpace>;
}

/** An encoded frame, of which only the time is asked for. */
export interface Packet {
  readonly timestamp: number;
}

/** A file that is written. */
export interface MediaOutput {
  addVideoTrack(source: unknown, options: { frameRate: number }): void;
  start(): Promise<void>;
  finalize(): Promise<void>;
  cancel(): Promise<void>;
}

/** How colours are coded, as far as it is told. */
export interface ColorSpace {
  readonly matrix?: string | null;
  readonly transfer?: string | null;
  readonly fullRange?: boolean | null;
}

/** A decoded frame. */
export interface VideoSample {
  readonly format: string | null;
  readonly timestamp: number;
  readonly rotation: number;
  readonly visibleRect: { width: number; height: number };
  readonly squarePixelWidth: number;
  readonly squarePixelHeight: number;
  readonly colorSpace: ColorSpace;
  allocationSize(options?: { format: 'RGBX' }): number;
  copyTo(target: Uint8Array, options?: { format: 'RGBX' }): Promise<{ offset: number; stride: number }[]>;
  close(): void;
}

/** `mediabunny` with the codecs of `@mediabunny/server`, or undefined where they are not installed. */
export async function importMediabunny(): Promise<Mediabunny | undefined> {
  // Names in variables, so that neither TypeScript nor a bundler looks for the optional packages.
  const [name, codecs] = ['mediabunny', '@mediabunny/server'];
  try {
    const server = (await import(/* @vite-ignore */ codecs)) as { registerMediabunnyServer(): void };
    server.registerMediabunnyServer();
    return (await import(/* @vite-ignore */ name)) as Mediabunny;
  } catch {
    return undefined;
  }
}
