import type { Latent } from '@faceanim/core';
import { signal } from '@preact/signals';

/** The two faces of the playground. */
export const sides = ['a', 'b'] as const;
export type Side = (typeof sides)[number];

/** Where a face comes from, and how far it is from the mean face. */
export interface Face {
  readonly from: 'look' | 'random';
  readonly seed: number;
  /** Truncation: 1 is the face as it is, 0 the mean face. */
  readonly psi: number;
}

export const faces = signal<Readonly<Record<Side, Face>>>({
  a: { from: 'random', seed: 11, psi: 0.8 },
  b: { from: 'random', seed: 4, psi: 0.8 },
});

/** The latent that was found for the look. */
export const lookLatent = signal<Latent | undefined>(undefined);

/** Changes one of the faces. */
export function changeFace(side: Side, changes: Partial<Face>): void {
  faces.value = { ...faces.value, [side]: { ...faces.value[side], ...changes } };
}

/** Draws another random face. */
export function surprise(side: Side): void {
  changeFace(side, { from: 'random', seed: Math.floor(Math.random() * 100_000) });
}
