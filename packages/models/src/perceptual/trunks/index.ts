import { alex } from './alex';
import { squeeze } from './squeeze';
import { student } from './student';
import type { Trunk } from './trunk';
import { vgg } from './vgg';

/** Trunks of LPIPS by name. */
export const trunks = { alex, squeeze, student, vgg } satisfies Record<string, Trunk>;

/** Name of a trunk of LPIPS: `alex`, `squeeze`, `vgg`, or `student`, the bundled one. */
export type LpipsNet = keyof typeof trunks;
