/**
 * The address of each file of the avatar pack. Each is written out, since bundlers copy the files that they find in
 * `new URL('literal', import.meta.url)`. This module stays in `src` itself: the literals have to hold for the built files
 * in `dist`, too.
 */
export const avatarFiles = {
  'generator.safetensors': () => new URL('../assets/avatar/generator.safetensors', import.meta.url),
  'statistics.safetensors': () => new URL('../assets/avatar/statistics.safetensors', import.meta.url),
  'fan.safetensors': () => new URL('../assets/avatar/fan.safetensors', import.meta.url),
  'lpips-student.safetensors': () => new URL('../assets/avatar/lpips-student.safetensors', import.meta.url),
  'encoder.safetensors': () => new URL('../assets/avatar/encoder.safetensors', import.meta.url),
  'landmark-model.safetensors': () => new URL('../assets/avatar/landmark-model.safetensors', import.meta.url),
  'landmark-model-fan.safetensors': () =>
    new URL('../assets/avatar/landmark-model-fan.safetensors', import.meta.url),
  'factors.json': () => new URL('../assets/avatar/factors.json', import.meta.url),
};

/** Name of a file of the avatar pack. */
export type AvatarFile = keyof typeof avatarFiles;
