import { FaceanimError, throwIfAborted } from '@faceanim/tensor/errors';
import type { VideoFrame } from '../../video';
import { framesWithoutClock, type VideoSource } from '../../video-source';
import { pixelReader } from '../canvas';

/** What errors call it. */
export const streamName = 'The stream';

/** A live stream, such as that of a camera, shown in a video element that is not on the page. */
export async function openStream(stream: MediaStream, signal?: AbortSignal): Promise<VideoSource> {
  const [track] = stream.getVideoTracks();
  if (!track || track.readyState === 'ended') {
    throw new FaceanimError('media', `${streamName} has no picture, or has ended.`, {
      hint: 'Ask for one with navigator.mediaDevices.getUserMedia({ video: true }).',
    });
  }
  if (typeof document === 'undefined') {
    throw new FaceanimError('media', 'A stream is read on the page, not in a worker.', {
      hint: 'Read it there, and send the pictures to the worker.',
    });
  }
  using player = await play(stream, signal);
  const { videoWidth: width, videoHeight: height } = player.video;
  const fps = track.getSettings().frameRate ?? framesWithoutClock;
  const sound = stream.getAudioTracks().length > 0;
  const info = { width, height, fps, variableRate: false, sound, kind: 'video' } as const;
  return {
    info,
    async *frames({ start, every, limit }, { signal }): AsyncGenerator<VideoFrame> {
      using player = await play(stream, signal);
      const read = pixelReader(info, streamName);
      const { video } = player;
      let first: number | undefined;
      let count = 0;
      for (let index = 0; count < limit; index++) {
        const time = await nextPicture(video, track, signal);
        throwIfAborted(signal);
        if (time === undefined) return;
        first ??= time;
        if (index < start || (index - start) % every !== 0) continue;
        count++;
        yield {
          index,
          time: time - first,
          image: read((context) => context.drawImage(video, 0, 0, width, height)),
        };
      }
    },
  };
}

interface Player extends Disposable {
  readonly video: HTMLVideoElement;
}

/** Plays a stream; its size is known then. One without pictures, such as that of a camera that is muted, waits for the first. */
async function play(stream: MediaStream, signal: AbortSignal | undefined): Promise<Player> {
  throwIfAborted(signal);
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  const stop = () => {
    video.pause();
    video.srcObject = null;
  };
  signal?.addEventListener('abort', stop);
  try {
    await video.play();
  } catch (cause) {
    stop();
    throwIfAborted(signal);
    throw new FaceanimError('media', `${streamName} does not play.`, { cause });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  return { video, [Symbol.dispose]: stop };
}

/** Waits for the next picture. Returns its time in seconds; undefined if the stream has ended, or the signal has fired. */
function nextPicture(
  video: HTMLVideoElement,
  track: MediaStreamTrack,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    if (track.readyState === 'ended' || signal?.aborted) return resolve(undefined);
    const settle = (time?: number) => {
      track.removeEventListener('ended', onEnd);
      signal?.removeEventListener('abort', onEnd);
      video.cancelVideoFrameCallback(callback);
      resolve(time);
    };
    const onEnd = () => settle();
    track.addEventListener('ended', onEnd);
    signal?.addEventListener('abort', onEnd);
    const callback = video.requestVideoFrameCallback((_, { mediaTime }) => settle(mediaTime));
  });
}
