import { decodeSafetensors, encodeSafetensors, FaceanimError, type HostTensor } from '@faceanim/tensor';
import type { Latent, ProjectedFrame } from '../contracts/frames';
import { isOrigin } from './latent-source';
import { noiseFrom, noiseTensors, withName, withPrefix } from './stored-tensors';

/**
 * Encodes a finished frame as a safetensors file, for example to resume from later: `latent` `[numWs, wDim]`, `coordinates`,
 * in frame 0 the latent of the look as `look`, noise maps as `noise.*`, the optimizer state that is carried over as
 * `optimizer.*` (from the look as `look.optimizer.*`), and losses, history, indices and origin in the metadata.
 *
 * @category Latents and pictures
 */
export function encodeFrame(frame: ProjectedFrame): Uint8Array {
  const { latent, coordinates, lookLatent } = frame;
  const { index, driverIndex, losses, history, steps, stopReason, origin } = frame;
  const facts: Facts = {
    ...{ index, driverIndex, losses, history, steps, stopReason, origin },
    ...{ drawn: latent.noise !== undefined, shot: latent.shot },
  };
  return encodeSafetensors(
    [
      ['latent', tensorOf(latent)],
      ['coordinates', { shape: [coordinates.length], data: coordinates }],
      ...(lookLatent ? ([['look', tensorOf(lookLatent)]] as const) : []),
      ...withName('look.optimizer.', frame.lookCarriedOver),
      ...withName('optimizer.', frame.carriedOver),
      ...noiseTensors(frame.noise),
    ],
    { faceanim: JSON.stringify(facts) },
  );
}

/**
 * Decodes a frame encoded by {@link encodeFrame}.
 *
 * @param file name of the file, for errors.
 * @throws {FaceanimError} `checkpoint-corrupt` for any other content; `invalid-option` for anything but bytes.
 * @category Latents and pictures
 */
export function decodeFrame(bytes: Uint8Array, { file = 'frame' }: { file?: string } = {}): ProjectedFrame {
  const { tensors, metadata } = decodeSafetensors(bytes, { file });
  const coordinates = tensors.get('coordinates')?.data;
  const { drawn, shot, ...facts } = parseFacts(metadata.faceanim, file);
  if (!coordinates) throw notOurs(file, 'it has no tensor "coordinates"');
  const carriedOver = withPrefix(tensors, 'optimizer.');
  const lookCarriedOver = withPrefix(tensors, 'look.optimizer.');
  const noise = noiseFrom(tensors);
  const latent = latentFrom(tensors, 'latent', file);
  return {
    ...facts,
    latent: { ...latent, ...(drawn && noise && { noise }), ...(shot !== undefined && { shot }) },
    coordinates,
    ...(tensors.has('look') && { lookLatent: latentFrom(tensors, 'look', file) }),
    ...(lookCarriedOver && { lookCarriedOver }),
    ...(carriedOver && { carriedOver }),
    ...(noise && { noise }),
  };
}

/** What the metadata of a frame hold. */
interface Facts
  extends Pick<
    ProjectedFrame,
    'index' | 'driverIndex' | 'losses' | 'history' | 'steps' | 'stopReason' | 'origin'
  > {
  /** Whether the frame is drawn with its noise maps. */
  readonly drawn?: boolean;
  readonly shot?: number;
}

function parseFacts(json: string | undefined, file: string): Facts {
  try {
    const { index, driverIndex, losses, history, steps, stopReason, origin, drawn, shot } = JSON.parse(
      json ?? '',
    ) as Facts;
    const typed = [index, driverIndex, steps].every(Number.isInteger) && Array.isArray(history);
    if (!typed || !isOrigin(origin)) throw new Error('wrong types');
    return { index, driverIndex, losses, history, steps, stopReason, origin, drawn, shot };
  } catch (cause) {
    throw notOurs(file, 'its metadata does not describe one', cause);
  }
}

const tensorOf = ({ numWs, wDim, data }: Latent) => ({ shape: [numWs, wDim], data });

function latentFrom(tensors: ReadonlyMap<string, HostTensor>, name: string, file: string): Latent {
  const tensor = tensors.get(name);
  if (tensor?.shape.length !== 2) throw notOurs(file, `it has no tensor "${name}" [numWs, wDim]`);
  const [numWs, wDim] = tensor.shape as [number, number];
  return { numWs, wDim, data: tensor.data };
}

function notOurs(file: string, why: string, cause?: unknown): FaceanimError {
  return new FaceanimError('checkpoint-corrupt', `${file} is not a frame of a run: ${why}.`, {
    file,
    cause,
    hint: 'Delete the file to compute the frame again.',
  });
}
