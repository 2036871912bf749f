import { FaceanimError } from '@faceanim/tensor/errors';

/**
 * Checks that the browser has a part of WebCodecs. None has it on insecure pages.
 *
 * @throws FaceanimError `media`
 */
export function needWebCodecs(name: 'VideoDecoder' | 'VideoEncoder' | 'ImageDecoder', file: string): void {
  if (name in globalThis) return;
  throw new FaceanimError('media', `${file} needs ${name} of WebCodecs, which is missing here.`, {
    file,
    hint: globalThis.isSecureContext
      ? 'Use a recent Chrome, Edge, Firefox or Safari.'
      : 'Browsers have it on secure pages only: serve the page over https or from localhost.',
  });
}
