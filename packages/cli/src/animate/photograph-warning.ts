import type { ProgressEvent } from '@faceanim/core';
import type { AnimateOptions } from './options';

/** The bundled networks come to 0.04 to 0.08 for looks that are drawn, and to 0.29 for a photograph. */
const likeNoDrawnLook = 0.2;

/**
 * Watches the progress of a run, and warns before the first frame if the bundled generator could not draw the look: it is
 * perhaps a photograph.
 */
export function photographWarning(
  { look, generator, lpips }: Pick<AnimateOptions, 'look' | 'generator' | 'lpips'>,
  warn: (line: string) => void,
): (event: ProgressEvent) => void {
  let distance = 0;
  return ({ stage, losses }) => {
    if (stage === 'look') distance = losses?.lpips ?? distance;
    if (stage !== 'optimize' || generator || lpips || distance < likeNoDrawnLook) return;
    warn(
      `${look}: The bundled generator cannot draw this face: LPIPS ${distance.toFixed(2)}, for drawn faces below 0.1. If it is a photograph, pass networks for photographs as --generator, --fan and --lpips (docs/own-files.md).`,
    );
    distance = 0;
  };
}
