import { FaceanimError, messageOf } from '@faceanim/tensor/errors';
import {
  ADTS,
  type AudioCodec,
  AudioSampleSink,
  AudioSampleSource,
  type AudioSource,
  BlobSource,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  FLAC,
  getFirstEncodableAudioCodec,
  Input,
  type InputAudioTrack,
  MP3,
  OGG,
  Quality,
  WAVE,
} from 'mediabunny';
import { isPicture, kindOf } from '../file-kind';
import type { AudioOptions } from '../video-output';
import type { VideoFormat } from './encoding';
import { blobOf, headOf, mediaCheck } from './named-blob';
import { readableFormats } from './sources/formats';
import { frameStarts } from './sources/frame-starts';

/** The codecs that players expect in a container, and those to encode any other to, best first. */
const codecs: Readonly<Record<VideoFormat, { copied: readonly AudioCodec[]; encoded: AudioCodec[] }>> = {
  mp4: { copied: ['aac', 'mp3'], encoded: ['aac', 'opus'] },
  webm: { copied: ['opus', 'vorbis'], encoded: ['opus'] },
};

const withSound = [...readableFormats, MP3, WAVE, OGG, FLAC, ADTS];

const noSound = 'its source has none';

/** Every audio encoder takes it. */
const sampleRate = 48000;

/** Sound on its way into a video. Disposing it closes its file. */
export interface Sound extends Disposable {
  /** Becomes a track of the output before that starts. */
  readonly track: AudioSource;
  /** Writes as much of it as a video of this length has. */
  write(seconds: number): Promise<void>;
}

/**
 * Opens the sound of a file. Import this lazily, since mediabunny is large.
 *
 * @returns the sound, or why there is none
 * @throws FaceanimError `invalid-option`, `io` or `media` naming the file
 */
export async function openSound(
  { source, start = 0 }: AudioOptions,
  format: VideoFormat,
  signal: AbortSignal | undefined,
): Promise<Sound | string> {
  mediaCheck(source, 'audio.source');
  const { blob, name } = await blobOf(source, signal);
  if (isPicture(kindOf(await headOf(blob)))) return noSound; // an animated one
  const input = new Input({ source: new BlobSource(blob), formats: withSound });
  try {
    const sound = await open(input, start, format, signal);
    if (typeof sound === 'string') input.dispose();
    return sound;
  } catch (cause) {
    input.dispose();
    if (FaceanimError.isInstance(cause)) throw cause;
    const reason = messageOf(cause);
    throw new FaceanimError('media', `The sound of ${name} cannot be read: ${reason}`, {
      ...{ file: name, cause },
      hint: 'Pass another file, or leave out audio.',
    });
  }
}

async function open(
  input: Input,
  start: number,
  format: VideoFormat,
  signal: AbortSignal | undefined,
): Promise<Sound | string> {
  const audio = await input.getPrimaryAudioTrack();
  if (!audio) return noSound;
  const video = await input.getPrimaryVideoTrack();
  const [origin = 0] = video ? (await frameStarts(video, signal)).starts : [];
  const close = { [Symbol.dispose]: () => input.dispose() };
  const { copied, encoded } = codecs[format];
  const codec = await audio.getCodec();
  // A copy begins and ends with a packet, so it is exact only from the start.
  if (start === 0 && codec && copied.includes(codec)) {
    const track = new EncodedAudioPacketSource(codec);
    return { track, write: (seconds) => copyPackets(audio, track, origin, seconds), ...close };
  }
  if (!(await audio.canDecode())) return `this browser does not decode ${codec ?? 'its codec'}`;
  const numberOfChannels = Math.min(2, await audio.getNumberOfChannels());
  const quality = new Quality('high');
  const target = await getFirstEncodableAudioCodec(encoded, { numberOfChannels, sampleRate, quality });
  if (!target) return `this browser does not encode ${encoded.join(' or ')}`;
  const transform = { numberOfChannels, sampleRate };
  const track = new AudioSampleSource({ codec: target, quality, transform });
  return { track, write: (seconds) => encodeSamples(audio, track, origin + start, seconds), ...close };
}

async function copyPackets(
  audio: InputAudioTrack,
  track: EncodedAudioPacketSource,
  from: number,
  seconds: number,
): Promise<void> {
  const decoderConfig = (await audio.getDecoderConfig()) ?? undefined;
  for await (const packet of new EncodedPacketSink(audio).packets()) {
    const timestamp = packet.timestamp - from;
    if (timestamp + packet.duration <= 0) continue;
    if (timestamp >= seconds) return;
    await track.add(packet.clone({ timestamp }), { decoderConfig });
  }
}

async function encodeSamples(
  audio: InputAudioTrack,
  track: AudioSampleSource,
  from: number,
  seconds: number,
): Promise<void> {
  for await (using sample of new AudioSampleSink(audio).samples(from, from + seconds)) {
    const rate = sample.sampleRate;
    const begin = Math.max(0, Math.round((from - sample.timestamp) * rate));
    const end = Math.min(sample.numberOfFrames, Math.round((from + seconds - sample.timestamp) * rate));
    if (begin >= end) continue;
    using part = sample.trim(begin, end);
    part.setTimestamp(part.timestamp - from);
    await track.add(part);
  }
}
