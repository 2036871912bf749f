import { FaceanimError } from '@faceanim/tensor';
import type { BackendFlags } from '../networks/backend';

/** A flag that does nothing beside another one, or without one that it needs. */
export interface UselessFlag<Options> {
  readonly flag: string;
  readonly beside?: string;
  readonly without?: string;
  when(options: Options): unknown;
}

/**
 * Refuses flags that would do nothing: whoever passes one expects an effect.
 *
 * @throws {FaceanimError} `invalid-option` naming both flags.
 */
export function refuseUseless<Options>(rules: readonly UselessFlag<Options>[], options: Options): void {
  const rule = rules.find(({ when }) => when(options));
  if (!rule) return;
  const { flag, beside, without } = rule;
  const why = beside ? `beside ${beside}` : `without ${without}`;
  throw new FaceanimError('invalid-option', `${flag} does nothing ${why}.`, {
    hint: beside ? `Leave out ${flag}, or ${beside}.` : `Add ${without}, or leave out ${flag}.`,
  });
}

/** Only webgpu can run on a software adapter, and only wasm lets choose its threads. */
export const uselessForBackend: readonly UselessFlag<BackendFlags>[] = [
  {
    flag: '--allow-software',
    beside: 'a --backend other than webgpu',
    when: ({ backend, allowSoftware }) => allowSoftware && backend && backend !== 'webgpu',
  },
  {
    flag: '--threads',
    beside: 'a --backend other than wasm',
    when: ({ backend, threads }) => threads && backend && backend !== 'wasm',
  },
];

/** The face is put back into the look's own picture. */
export const uselessPasteBack: UselessFlag<{ look?: string; pasteBack?: boolean }> = {
  flag: '--paste-back',
  without: '--look',
  when: ({ look, pasteBack }) => pasteBack && !look,
};

/** A given rate decides which frames are drawn. */
export const uselessSubframes: UselessFlag<{ subframes?: number; fps?: number }> = {
  flag: '--subframes',
  beside: '--fps',
  when: ({ subframes, fps }) => subframes !== undefined && fps !== undefined,
};

/** Only mouth and jaw follow the driver. */
export const uselessPose: UselessFlag<{ pose?: unknown; mode?: string }> = {
  flag: '--pose',
  beside: '--mode mouth',
  when: ({ pose, mode }) => pose !== undefined && mode === 'mouth',
};

/** A fixed crop also chooses the face. Reference mode has one unless another is asked for. */
export const uselessFace: readonly UselessFlag<{ face?: unknown; align?: unknown; mode?: string }>[] = [
  {
    flag: '--face',
    beside: '--align none',
    when: ({ face, align, mode }) =>
      face !== undefined && (align === 'none' || (mode === 'reference' && !align)),
  },
  {
    flag: '--face',
    beside: '--align x,y,w,h',
    when: ({ face, align }) => face !== undefined && typeof align === 'object',
  },
];

/** There is nothing to share without another video. */
export const uselessShare: UselessFlag<{ blend?: string; blendShare?: number }> = {
  flag: '--blend-share',
  without: '--blend',
  when: ({ blend, blendShare }) => blendShare !== undefined && !blend,
};
