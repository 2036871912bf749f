import type { RgbImage } from '@faceanim/core';
import {
  checkImageOutput,
  checkVideoOutput,
  openVideo,
  probeVideo,
  type ReadVideoOptions,
  readImage,
  readVideo,
  writeImage,
  writeVideo,
} from '../../src/browser';
import { collect, noRgbImages, picture } from '../support/pictures';

/** The result of a call: its value or its error. */
export type Outcome =
  | { readonly value: unknown }
  | { readonly error: { code?: string; message: string; file?: string; frame?: number; hint?: string } };

const frames = [0, 1, 2, 3, 4, 5].map((i) => picture(48, 32, i));

/** When each of the frames starts. */
const irregular = [0, 0.03, 0.2, 0.25, 0.6, 0.7];

const calls = {
  // Pictures
  upright: () => readImage('/upright.jpg'),
  transparent: () => readImage(new URL('/transparent.png', location.origin)),
  square: () => readImage('/wide.png', { size: 16 }),
  shrunk: () => readImage('/wide.png', { maxSide: 16 }),
  bitmap: async () => {
    const bitmap = await createImageBitmap(new ImageData(Uint8ClampedArray.of(1, 2, 3, 255), 1, 1));
    // It stays open, so that it can be read twice.
    const both = [await readImage(bitmap), await readImage(bitmap)];
    bitmap.close();
    return both;
  },
  missingPicture: () => readImage('/missing.png'),
  webPage: () => readImage('/index.html'),
  noPicture: () => readImage(new File(['x'], 'x.png')),
  videoAsPicture: () => readImage('/clip.mp4'),
  heic: () => readImage(new File(['\0\0\0\x18ftypheic\0\0\0\0mif1heic'], 'a.heic')),
  noSource: () => readImage([] as unknown as string),
  tooLargePicture: () => readImage('/wide.png', { size: 70_000 }),
  noContext: () =>
    replacing(
      OffscreenCanvas.prototype,
      'getContext',
      () => null,
      () => readImage('/wide.png'),
    ),
  misspeltSize: () => readImage('/wide.png', { sise: 1 } as object),

  // Videos
  mp4: () => readAll('/clip.mp4'),
  webm: () => readAll('/clip.webm'),
  part: () => readAll('/clip.mp4', { start: 1, every: 2, limit: 2 }),
  turned: () => probeVideo('/turned.mp4'),
  turnedFrames: () => readAll('/turned.mp4', { limit: 1 }),
  irregular: () => readAll('/irregular.mkv'),
  irregularAsStored: () => readAll('/irregular.mkv', { timing: 'source' }),
  resized: () => readAll('/resized.webm'),
  hdr: () => readAll('/hdr.webm'),
  webp: () => readAll('/clip.webp'),
  gif: async () => readAll((await (await fetch('/clip.gif')).blob()) as File),
  cutOffWebp: () => readAll('/cut-off.webp'),
  still: () => readAll('/wide.png'),
  twice: async () => {
    const video = await openVideo('/clip.mp4');
    const [a, b] = [await collect(video.frames({ limit: 2 })), await collect(video.frames({ start: 4 }))];
    return [...a, ...b].map(({ index }) => index);
  },
  cutOff: () => readAll('/cut-off.mp4'),
  noVideo: () => probeVideo(new File(['no video'], 'a.mp4')),
  emptyPicture: () => readImage(new File([], 'a.png')),
  emptyVideo: () => probeVideo(new File([], 'a.mp4')),
  playlist: () => probeVideo(new File(['#EXTM3U\n#EXTINF:1,\nclip.mp4\n'], 'list.mp4')),
  soundOnly: () => probeVideo('/sound.mp4'),
  oldCodec: () => probeVideo('/old-codec.mp4'),
  missingVideo: () => readAll('/missing.mp4'),
  beyondTheEnd: () => readAll('/clip.mp4', { start: 6 }),
  stream: async () => {
    using changing = changingStream();
    const { info, frames } = await openVideo(changing.stream);
    const parts = [
      await collect(frames({ limit: 3 })),
      await collect(frames({ start: 1, every: 2, limit: 2 })),
    ];
    const seen = parts.flat().map(({ index, time, image: { width, height, data } }) => {
      return { index, time, size: [width, height], greenAndBlue: [data[1], data[2]] };
    });
    const { width, height, sound } = info;
    return { size: [width, height], sound, seen, playing: changing.stream.active };
  },
  endingStream: async () => {
    using changing = changingStream();
    const [track] = changing.stream.getTracks();
    let count = 0;
    for await (const _ of readVideo(changing.stream)) {
      count++;
      track!.stop();
    }
    return count;
  },
  abortedStream: async () => {
    const controller = new AbortController();
    using changing = changingStream();
    const listeners = listenersOf(changing.stream.getVideoTracks()[0]!);
    const read = async () => {
      for await (const _ of readVideo(changing.stream, { signal: controller.signal })) {
        // No pictures come any more.
        changing[Symbol.dispose]();
        setTimeout(() => controller.abort(), 50);
      }
    };
    const code = await read().catch((error: { code: string }) => error.code);
    return { code, listeners: [...listeners] };
  },
  silentStream: () => {
    const canvas = document.createElement('canvas');
    canvas.getContext('2d');
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    return openVideo(canvas.captureStream(0), { signal: controller.signal });
  },
  videoElement: async () => {
    using changing = changingStream();
    const ofFile = Object.assign(document.createElement('video'), { src: '/clip.mp4' });
    const ofStream = Object.assign(document.createElement('video'), { srcObject: changing.stream });
    const info = await probeVideo(ofStream);
    return {
      frames: await readAll(ofFile, { limit: 2 }),
      size: [info.width, info.height],
      paused: ofFile.paused,
    };
  },
  emptyVideoElement: () => openVideo(document.createElement('video')),
  emptyStream: () => openVideo(new MediaStream()),
  misspeltStart: () => readAll('/clip.mp4', { strat: 1 } as object),
  withoutWebCodecs: () => without('VideoDecoder', () => probeVideo('/clip.mp4')),
  abortedReading: async () => {
    const controller = new AbortController();
    for await (const { index } of readVideo('/clip.mp4', { signal: controller.signal })) {
      if (index === 2) controller.abort();
    }
  },
  abortedOpening: () => abortedAtOnce((signal) => openVideo('/clip.mp4', { signal })),
  abortedProbing: async () => {
    const file = await (await fetch('/clip.mp4')).blob();
    return abortedAtOnce((signal) => probeVideo(file, { signal }));
  },
  abortedBefore: () => openVideo('/clip.webp', { signal: AbortSignal.abort() }),
  abortedWhileDecoding: () => decodedUntilAborted(),
  failingPicture: () => leftOpen('/clip.webp'),
  failingSample: () => leftOpen('/clip.mp4'),

  // Writing
  writtenMp4: () => written('out.mp4'),
  writtenWebm: () => written('out.WebM'),
  oddSize: async () => {
    const { blob } = await writeVideo('a.mp4', [picture(15, 17)], { fps: 20 });
    return probeVideo(await blob());
  },
  noFrames: () => writeVideo('a.mp4', [], { fps: 20 }),
  differingSizes: () => writeVideo('a.mp4', [frames[0]!, picture(16, 16)], { fps: 20 }),
  failingFrames: () =>
    writeVideo(
      'a.mp4',
      (async function* () {
        yield frames[0]!;
        throw new RangeError('diverged');
      })(),
      { fps: 20 },
    ),
  noRate: () => writeVideo('a.mp4', frames, {} as { fps: number }),
  textAsRate: () => writeVideo('a.mp4', frames, { fps: '20' as never }),
  noRgbFrames: () => refusals((wrong) => writeVideo('a.mp4', [frames[0]!, wrong], { fps: 20 })),
  noPath: () => writeVideo(frames as never, { fps: 20 } as never, { fps: 20 }),
  videoAsMov: () => writeVideo('a.mov', frames, { fps: 20 }),
  writtenGif: () => written('out.gif'),
  writtenAnimatedWebp: () => written('out.webp'),
  plainGif: async () => {
    const { blob } = await writeVideo('a.gif', frames, { fps: 100, aiGenerated: false });
    return bytesOf(await blob());
  },
  gifWithSound: () => withSound('a.gif', '/beep.mp4'),
  animationWithoutWebpEncoder: () => withoutWebpEncoder(() => checkVideoOutput('b.webp', { fps: 20 })),
  withoutEncoders: () => without('VideoEncoder', () => writeVideo('a.mp4', frames, { fps: 20 })),
  withoutThisEncoder: () => inWorker('withoutThisEncoder'),
  abortedWriting: () => {
    const controller = new AbortController();
    const onProgress = ({ frame }: { frame?: number }) => frame === 1 && controller.abort();
    return writeVideo('a.mp4', frames, { fps: 20, signal: controller.signal, onProgress });
  },

  copiedSound: () => withSound('a.mp4', '/beep.mp4'),
  cutSound: () => withSound('a.webm', '/beep.mp4', { start: 0.2 }),
  silentSource: () => withSound('a.mp4', '/clip.mp4'),
  soundOfAnimation: () => withSound('a.mp4', '/clip.webp'),
  soundOfNothing: () => withSound('a.mp4', '/missing.mp4'),
  soundOfText: () => withSound('a.mp4', new File(['no sound'], 'a.mp3')),
  timed: async () => {
    const { blob } = await writeVideo('a.webm', frames, { times: irregular });
    return (await readAll((await blob()) as File, { timing: 'source' })).frames.map(({ time }) => time);
  },
  fpsAndTimes: () => writeVideo('a.mp4', frames, { fps: 20, times: irregular }),

  checkedVideo: () => checkVideoOutput('a.webm', { fps: 20, overwrite: false }),
  checkedGif: () => checkVideoOutput('a.gif', { fps: 20 }),
  checkedMov: () => checkVideoOutput('a.mov', { fps: 20 }),
  checkedRate: () => checkVideoOutput('a.mp4', { fps: 0 }),
  checkedWithoutEncoders: () => without('VideoEncoder', () => checkVideoOutput('a.mp4', { fps: 20 })),
  writtenPng: () => writtenPicture('a.png'),
  writtenJpeg: () => writtenPicture('a.JPG'),
  writtenWebp: () => writtenPicture('a.webp'),
  checkedImage: () => checkImageOutput('a.webp'),
  pictureAsBmp: () => writeImage('a.bmp', frames[0]!),
  checkedBmp: () => checkImageOutput('a.bmp'),
  noRgbPicture: () => refusals((wrong) => writeImage('a.png', wrong)),
  tooLargeToWrite: () => writeImage('a.png', picture(65_536, 1)),
  misspeltOverwrite: () => writeImage('a.png', frames[0]!, { overwrit: false } as object),
  withoutWebpEncoder: () => withoutWebpEncoder(),

  inWorker: () => inWorker('roundTrip'),
};

/** The name of a call of the page. */
export type Call = keyof typeof calls;

/** Makes every call and reports the results. */
export default async function run(): Promise<Record<string, Outcome>> {
  const outcomes: Record<string, Outcome> = {};
  for (const [name, call] of Object.entries(calls)) {
    outcomes[name] = await (call as () => Promise<unknown>)().then(
      (value) => ({ value: plain(value) }),
      (error) => ({ error: { ...error, message: error.message } }),
    );
  }
  return outcomes;
}

/** The listeners that a track will have. */
function listenersOf(track: MediaStreamTrack): ReadonlySet<unknown> {
  const listeners = new Set<unknown>();
  track.addEventListener = (_: string, listener: unknown) => listeners.add(listener);
  track.removeEventListener = (_: string, listener: unknown) => listeners.delete(listener);
  return listeners;
}

/** A stream of a canvas of 48 x 32 pixels, whose red changes all the time. */
function changingStream(): Disposable & { readonly stream: MediaStream } {
  const canvas = Object.assign(document.createElement('canvas'), { width: 48, height: 32 });
  const context = canvas.getContext('2d')!;
  let red = 0;
  const timer = setInterval(() => {
    red = (red + 40) % 256;
    context.fillStyle = `rgb(${red}, 100, 50)`;
    context.fillRect(0, 0, 48, 32);
  }, 20);
  return { stream: canvas.captureStream(), [Symbol.dispose]: () => clearInterval(timer) };
}

/** Writes a video, reads it back and counts its frames. */
export async function roundTrip(): Promise<number> {
  const { blob } = await writeVideo('a.mp4', frames, { fps: 20 });
  return (await collect(readVideo(await blob()))).length;
}

/** The error message of a browser that has WebCodecs without this encoder. mediabunny remembers it: use a fresh worker. */
export async function withoutThisEncoder(): Promise<string> {
  VideoEncoder.isConfigSupported = async (config) => ({ config, supported: false });
  const asked = (function* () {
    yield frames[0]!;
    throw new Error('a frame was asked for');
  })();
  return await writeVideo('a.mp4', asked, { fps: 20 }).then(String, (error) => error.message);
}

async function readAll(source: string | File | HTMLVideoElement, options: ReadVideoOptions = {}) {
  const warnings: string[] = [];
  const video = await openVideo(source);
  const reading = readVideo(source, { ...options, onWarning: (text) => warnings.push(text) });
  return { info: video.info, warnings, frames: await collect(reading) };
}

async function written(path: string) {
  const told: unknown[] = [];
  const result = await writeVideo(path, frames, { fps: 20, onProgress: (event) => told.push(event) });
  const blob = await result.blob();
  const back = await collect(readVideo(blob));
  return { ...result, type: blob.type, told, bytes: await bytesOf(blob), back };
}

/** Writes the frames with the sound of a clip. */
async function withSound(path: string, source: string | File, { start = 0 } = {}) {
  const warnings: string[] = [];
  const onWarning = (text: string) => warnings.push(text);
  const { blob } = await writeVideo(path, frames, { fps: 20, audio: { source, start }, onWarning });
  return { warnings, bytes: await bytesOf(await blob()) };
}

async function writtenPicture(path: string) {
  const result = await writeImage(path, frames[0]!);
  const blob = await result.blob();
  return { path: result.path, type: blob.type, bytes: await bytesOf(blob) };
}

async function bytesOf(blob: Blob): Promise<number[]> {
  return Array.from(new Uint8Array(await blob.arrayBuffer()));
}

/** As in browsers that make a PNG of formats that they do not encode. */
function withoutWebpEncoder(check: () => Promise<unknown> = () => checkImageOutput('a.webp')) {
  const { convertToBlob } = OffscreenCanvas.prototype;
  const asPng = function (this: OffscreenCanvas) {
    return convertToBlob.call(this, { type: 'image/png' });
  };
  return replacing(OffscreenCanvas.prototype, 'convertToBlob', asPng, check);
}

/** What errors say of pictures that are none. */
function refusals(write: (wrong: RgbImage) => Promise<unknown>): Promise<string[]> {
  const attempts = Object.values(noRgbImages).map(([wrong]) => write(wrong as unknown as RgbImage));
  return Promise.all(
    attempts.map((attempt) => attempt.then(String, ({ code, message }) => `${code}: ${message}`)),
  );
}

function abortedAtOnce<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const result = call(controller.signal);
  controller.abort();
  return result;
}

/** Aborts with the first frame that is decoded, and counts them. */
async function decodedUntilAborted() {
  const controller = new AbortController();
  const { decode } = ImageDecoder.prototype;
  let decoded = 0;
  const counted = function (this: ImageDecoder, options?: ImageDecodeOptions) {
    controller.abort();
    decoded++;
    return decode.call(this, options);
  };
  const open = () => openVideo('/clip.webp', { signal: controller.signal });
  const code = await replacing(ImageDecoder.prototype, 'decode', counted, open).catch(({ code }) => code);
  return { code, decoded };
}

/** Reads a video where no pixels can be read from a canvas, and counts the frames that were drawn and are still open. */
async function leftOpen(source: string) {
  const video = await openVideo(source);
  const { prototype } = OffscreenCanvasRenderingContext2D;
  const { drawImage, getImageData } = prototype;
  const drawn: VideoFrame[] = [];
  const noted = function (this: typeof prototype, ...args: unknown[]) {
    drawn.push(args[0] as VideoFrame);
    drawImage.apply(this, args as Parameters<typeof drawImage>);
  };
  const noPixels = function (this: typeof prototype, ...area: [number, number, number, number]) {
    if (area[2] > 1) throw new RangeError('Out of memory');
    return getImageData.apply(this, area);
  };
  const read = () => collect(video.frames());
  const error = await replacing(prototype, 'drawImage', noted, () =>
    replacing(prototype, 'getImageData', noPixels, read),
  ).catch(({ code, message }) => `${code}: ${message}`);
  // A closed frame has no size.
  return { error, drawn: drawn.length, open: drawn.filter(({ codedWidth }) => codedWidth > 0).length };
}

async function replacing<T extends object, K extends keyof T, R>(
  owner: T,
  name: K,
  method: T[K],
  call: () => Promise<R>,
): Promise<R> {
  const kept = owner[name];
  owner[name] = method;
  try {
    return await call();
  } finally {
    owner[name] = kept;
  }
}

async function without<T>(name: 'VideoDecoder' | 'VideoEncoder', call: () => Promise<T>): Promise<T> {
  const kept = Object.getOwnPropertyDescriptor(globalThis, name)!;
  delete (globalThis as Partial<typeof globalThis>)[name];
  try {
    return await call();
  } finally {
    Object.defineProperty(globalThis, name, kept);
  }
}

/** Calls one of the functions above in a worker that loads this very bundle. */
function inWorker(name: 'roundTrip' | 'withoutThisEncoder'): Promise<unknown> {
  const script = `import { ${name} } from '${location.origin}/bundle.js'; postMessage(await ${name}());`;
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  return new Promise((resolve, reject) => {
    const worker = new Worker(url, { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(`the worker failed: ${event.message}`));
  });
}

/** Turns arrays of bytes into lists, which JSON keeps. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8ClampedArray) return Array.from(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}
