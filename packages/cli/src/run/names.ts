/** The content of a run folder. */
export const recordName = 'run.json';
export const framesName = 'frames';
export const latentsName = 'latents.safetensors';
export const lookName = 'look.png';
/** The parts of a run that is split, and their list. */
export const partsName = 'parts';
export const planName = 'plan.json';
/** The lock, a folder. Locks that are being made or removed have this name and a suffix. */
export const lockName = '.lock';

/** `000012.safetensors`, in the folder of frames. */
export const frameFile = (index: number) => `${String(index).padStart(6, '0')}.safetensors`;

/** Version of the format of {@link latentsName}. */
export const latentsFormat = '1';
