import type { EncoderArchitecture } from './architecture';
import { linear } from './linear-encoder';

/** Encoders that can be loaded. */
export const encoders: readonly EncoderArchitecture[] = [linear];
