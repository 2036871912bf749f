import type { PreparedLook } from '@faceanim/core';
import { effect, signal } from '@preact/signals';
import { engine, projector } from '../engine/engine';
import { isCancelled, type Problem, problemOf } from '../ui/problem';
import { fileOf, looks, type Sample } from '../ui/samples';

/** The face to animate. */
export interface Look {
  readonly name: string;
  /** The picture as it was given. */
  readonly source: Blob;
  /** Its address in the page. */
  readonly address: string;
  /** The aligned crop; absent until it was made. */
  readonly prepared?: PreparedLook;
  /** What was not as expected, such as several faces. */
  readonly warnings: readonly string[];
}

/** The chosen look. */
export const look = signal<Look | undefined>(undefined);
/** Why it cannot be used. */
export const lookProblem = signal<Problem | undefined>(undefined);

let cropping: AbortController | undefined;

/** Takes a picture as the look, and crops the face in it. */
export async function takeLook(source: Blob, name: string, prepared?: PreparedLook): Promise<void> {
  if (look.value) URL.revokeObjectURL(look.value.address);
  lookProblem.value = undefined;
  look.value = { name, source, address: URL.createObjectURL(source), warnings: [], prepared };
  if (!prepared) await cropLook();
}

/** Crops the face of the look: again when the networks have changed. */
export async function cropLook(): Promise<void> {
  const { value: wanted } = look;
  if (!wanted) return;
  cropping?.abort();
  const { signal } = (cropping = new AbortController());
  const warnings: string[] = [];
  try {
    const open = await projector();
    const prepared = await open.prepareLook({
      look: wanted.source,
      signal,
      onWarning: (warning) => warnings.push(warning),
    });
    if (look.value === wanted) look.value = { ...wanted, prepared, warnings };
  } catch (error) {
    // What is wrong with the engine is said elsewhere.
    if (look.value !== wanted || isCancelled(error) || engine.value.phase === 'failed') return;
    lookProblem.value = problemOf(error);
  }
}

/** Takes a sample as the look. */
export async function takeSampleLook(sample: Sample): Promise<void> {
  try {
    await takeLook(await fileOf(sample), sample.name);
  } catch (error) {
    lookProblem.value = problemOf(error);
  }
}

/** Takes the first sample, so that a visitor can start at once. */
export function fillLook(): void {
  if (!look.peek()) void takeSampleLook(looks[0]!);
}

// Other networks may draw pictures of another size.
let last: unknown;
effect(() => {
  const { value } = engine;
  if (value.phase !== 'ready') return;
  if (last && last !== value.projector) void cropLook();
  last = value.projector;
});
