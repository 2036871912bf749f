import { identityLosses } from '@faceanim/core';
import { lpips } from '@faceanim/core/losses';
import type { AskAt, Detail } from './idea';

/** The default objective, with LPIPS on smaller pictures. */
const lpipsAt = (size: number): Detail => ({
  name: `lpips at ${size}`,
  terms: (networks) =>
    identityLosses(networks).map((term) =>
      term.name === 'lpips' ? lpips({ net: networks.perceptual, size }) : term,
    ),
});

const halfLandmarks: Detail = {
  name: 'landmarks at 128',
  terms: identityLosses,
  halfLandmarks: true,
};

/** LPIPS on smaller pictures for the first half of a frame. */
export function lpipsFirstAt(size: number): AskAt {
  const detail = lpipsAt(size);
  return ({ step, steps }) => (step < steps / 2 ? { detail } : {});
}

/** FAN on pictures of half the size for the first half of the steps that have landmarks. */
export const halfLandmarksFirst: AskAt = ({ frame, step, steps }) =>
  step < steps * (frame === 0 ? 0.625 : 0.5) ? { detail: halfLandmarks } : {};

/** Terms at every k-th step only, with k times their weight: the gradient that Adam averages is the same. */
export const everyNth =
  (k: number, ...terms: string[]): AskAt =>
  ({ step }) => ({ factors: Object.fromEntries(terms.map((term) => [term, step % k === 0 ? k : 0])) });
