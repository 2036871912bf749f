import { effect, signal } from '@preact/signals';
import { engine } from '../../engine/engine';

/** How much of face B each layer of the generator has, from 0 to 1. */
export const shares = signal<readonly number[]>([]);
/** Whether the blend goes back and forth between the faces. */
export const playing = signal(false);

/** Sets the share of all layers. */
export function setAll(share: number): void {
  shares.value = shares.value.map(() => share);
}

/** Sets the share of one layer. */
export function setLayer(layer: number, share: number): void {
  playing.value = false;
  shares.value = shares.value.map((value, i) => (i === layer ? share : value));
}

/** The mean of some shares. */
export const meanOf = (of: readonly number[]) =>
  of.reduce((sum, share) => sum + share, 0) / Math.max(1, of.length);

effect(() => {
  const { value } = engine;
  if (value.phase !== 'ready') return;
  const { numWs } = value.projector.info.generator;
  if (shares.peek().length !== numWs) shares.value = Array(numWs).fill(0.5);
});

/** Seconds from one face to the other. */
const sweep = 2.5;

effect(() => {
  if (!playing.value) return;
  // Begins at the blend that is shown.
  const phase = Math.acos(1 - 2 * meanOf(shares.peek()));
  const began = performance.now();
  let request = requestAnimationFrame(function show(now) {
    setAll(0.5 - 0.5 * Math.cos(phase + (Math.PI * (now - began)) / 1000 / sweep));
    request = requestAnimationFrame(show);
  });
  return () => cancelAnimationFrame(request);
});
