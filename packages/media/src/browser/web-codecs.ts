import { FaceanimError } from '@faceanim/tensor';

/**
 * Refuses to go on where the browser lacks a part of WebCodecs, as all do on pages that are not secure.
 *
 * @throws FaceanimError `media`
 */
export function needWebCodecs(name: 'VideoDecoder' | 'VideoEncoder' | 'ImageDecoder', file: string): void {
  if (name in globalThis) return;
  throw new FaceanimError('media', `${file} needs ${name} of WebCodecs, which is not there.`, {
    file,
    hint: globalThis.isSecureContext
      ? 'Use a recent Chrome, Edge, Firefox or Safari.'
      : 'Browsers have it on secure pages only: serve the page by https or from localhost.',
  });
}
