import { type CheckpointSource, openByteSource } from './bytes/byte-source';
import { readNpy } from './formats/npy';
import { readSafetensors } from './formats/safetensors';
import { sniffFormat } from './sniff';

/** `safetensors` and `npy` hold arrays and nothing else; `pickle` are files of PyTorch and archives, which may hold pickles. */
export type CheckpointKind = 'safetensors' | 'npy' | 'pickle';

/**
 * The kind of a file of weights or latents, by its first bytes: to refuse some before they are opened.
 *
 * @throws FaceanimError `io` if the file cannot be read, `checkpoint-corrupt` for one that is none, `aborted`
 */
export async function checkpointKind(
  source: CheckpointSource,
  { signal }: { signal?: AbortSignal } = {},
): Promise<CheckpointKind> {
  const bytes = await openByteSource(source);
  try {
    const reader = await sniffFormat(bytes, signal);
    if (reader === readSafetensors) return 'safetensors';
    return reader === readNpy ? 'npy' : 'pickle';
  } finally {
    await bytes.close();
  }
}
