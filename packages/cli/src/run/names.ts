/** The content of a run folder. */
export const recordName = 'run.json';
export const framesName = 'frames';
export const latentsName = 'latents.safetensors';
export const lookName = 'look.png';
export const lockName = '.lock';
/** A note about the owner of the lock. */
export const ownerName = '.lock.json';

/** `000012.safetensors`, in the folder of frames. */
export const frameFile = (index: number) => `${String(index).padStart(6, '0')}.safetensors`;

/** Version of the format of {@link latentsName}. */
export const latentsFormat = '1';
