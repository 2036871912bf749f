import { throwIfAborted } from '@faceanim/tensor/errors';
import { EncodedPacketSink, type InputVideoTrack } from 'mediabunny';

/** When frames start, in order, and the rate if there is only one. Reads the index of the file and decodes nothing. */
export async function frameStarts(track: InputVideoTrack, signal: AbortSignal | undefined) {
  const packets = new EncodedPacketSink(track).packets(undefined, undefined, { metadataOnly: true });
  const starts: number[] = [];
  let shown = 0;
  for await (const { timestamp, duration } of packets) {
    throwIfAborted(signal);
    // Frames that end before the start are decoded only because later ones need them.
    if (timestamp + duration <= 0 && timestamp < 0) continue;
    starts.push(timestamp);
    shown = duration;
  }
  starts.sort((a, b) => a - b);
  return { starts, told: starts.length === 1 && shown > 0 ? 1 / shown : 0 };
}
