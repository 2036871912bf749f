import {
  type UselessFlag,
  uselessForBackend,
  uselessPasteBack,
  uselessSubframes,
} from '../flags/useless-flags';
import type { RenderOptions } from './render';

/** Combinations of flags in which one does nothing. */
export const renderRules: readonly UselessFlag<RenderOptions>[] = [
  uselessPasteBack,
  { flag: '--look', without: '--paste-back', when: (o) => o.look && !o.pasteBack },
  uselessSubframes,
  ...uselessForBackend,
];
