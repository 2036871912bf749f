import type { PreparedLook } from '@faceanim/core';
import { readImage } from '@faceanim/media';
import { effect, signal } from '@preact/signals';
import { engine, projector } from '../engine/engine';
import { isCancelled, type Problem, problemOf, StudioError } from '../ui/problem';
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

/** Share of the search for its face that is done, 0..1. */
export const searched = signal(0);

let cropping: AbortController | undefined;
/** The search for a face that was begun last, until it ends. */
let searching: Promise<void> | undefined;

/** The picture that was asked for last. */
let asked: Blob | Promise<Blob> | undefined;

/** Takes a picture as the look, unless another one is taken before it is there, and crops the face in it. */
export async function takeLook(
  given: Blob | Promise<Blob>,
  name: string,
  prepared?: PreparedLook,
): Promise<void> {
  asked = given;
  lookProblem.value = undefined;
  let source: Blob;
  try {
    source = await given;
    // What is no picture does not take the place of one.
    if (!prepared) await readImage(source, { maxSide: 64 });
  } catch (error) {
    if (asked === given) lookProblem.value = problemOf(error);
    return;
  }
  if (asked !== given) return;
  if (look.value) URL.revokeObjectURL(look.value.address);
  look.value = { name, source, address: URL.createObjectURL(source), warnings: [], prepared };
  if (!prepared) await cropLook();
}

/** Crops the face of the look: again when the networks have changed. Ends a search that was begun before. */
function cropLook(): Promise<void> {
  const mine = searchForFace().finally(() => {
    if (searching === mine) searching = undefined;
  });
  searching = mine;
  return mine;
}

async function searchForFace(): Promise<void> {
  const { value: wanted } = look;
  if (!wanted) return;
  cropping?.abort();
  const { signal } = (cropping = new AbortController());
  const warnings: string[] = [];
  searched.value = 0;
  try {
    const open = await projector();
    const prepared = await open.prepareLook({
      look: wanted.source,
      signal,
      onProgress: ({ fraction = 0 }) => {
        if (!signal.aborted) searched.value = fraction;
      },
      onWarning: (warning) => warnings.push(warning),
    });
    if (look.value !== wanted) return;
    look.value = { ...wanted, prepared, warnings };
    lookProblem.value = undefined;
  } catch (error) {
    // What is wrong with the engine is said elsewhere.
    if (look.value !== wanted || isCancelled(error) || engine.value.phase === 'failed') return;
    lookProblem.value = problemOf(error);
  }
}

/**
 * The look with its face, which is cropped first unless it has been.
 *
 * @throws StudioError if there is no look, or no face in it
 */
export async function readyLook(): Promise<Look & { readonly prepared: PreparedLook }> {
  if (!look.value?.prepared) {
    if (!searching) void cropLook();
    // One that was begun meanwhile, such as when the engine became ready, has ended the one before.
    while (searching) await searching;
  }
  const { value } = look;
  if (value?.prepared) return { ...value, prepared: value.prepared };
  throw new StudioError('There is no face to animate yet.', 'Choose a picture of a face as the look.');
}

/** Takes a sample as the look. */
export const takeSampleLook = (sample: Sample) => takeLook(fileOf(sample), sample.name);

/** Takes the first sample, so that a visitor can start at once. */
export function fillLook(): void {
  if (!look.peek()) void takeSampleLook(looks[0]!);
}

// Other networks may draw pictures of another size; and an engine that was replaced while it was opening has cropped nothing.
let last: unknown;
effect(() => {
  const { value } = engine;
  if (value.phase !== 'ready' || last === value.projector) return;
  if (last || !look.peek()?.prepared) void cropLook();
  last = value.projector;
});
