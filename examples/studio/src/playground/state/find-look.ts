import type { RgbImage } from '@faceanim/core';
import { computed, effect, signal } from '@preact/signals';
import { projector } from '../../engine/engine';
import { look } from '../../look/look';
import { announce } from '../../ui/announcer';
import { isCancelled, type Problem, problemOf } from '../../ui/problem';
import { changeFace, faces, lookLatent, sides } from './faces';

/** How much of the search for the latent of the look is done; undefined if there is none. */
export const finding = signal<number | undefined>(undefined);
export const findingProblem = signal<Problem | undefined>(undefined);

const steps = 60;

/** The look, while a face is to be it. */
const wanted = computed(() =>
  sides.some((side) => faces.value[side].from === 'look') ? look.value?.prepared : undefined,
);

effect(() => {
  const { value: image } = wanted;
  lookLatent.value = undefined;
  if (!image) return;
  const controller = new AbortController();
  void find(image, controller.signal);
  return () => controller.abort();
});

/** Shows random faces again, which ends the search. */
export function giveUp(): void {
  for (const side of sides) if (faces.value[side].from === 'look') changeFace(side, { from: 'random' });
}

async function find(image: RgbImage, signal: AbortSignal): Promise<void> {
  finding.value = 0;
  announce('Looking for the face that draws the look');
  findingProblem.value = undefined;
  try {
    const open = await projector();
    const run = open.project({
      ...{ look: image, driver: [{ index: 0, image }], images: false, signal },
      // Only the look is of interest, but a run has at least one frame.
      steps: { look: steps, first: 1, next: 1 },
      onProgress: ({ stage, step }) => {
        if (stage === 'look' && step !== undefined && !signal.aborted) finding.value = (step + 1) / steps;
      },
    });
    for await (const frame of run)
      if (!signal.aborted) {
        lookLatent.value = frame.lookLatent ?? frame.latent;
        announce('The face is found');
      }
  } catch (error) {
    if (signal.aborted || isCancelled(error)) return;
    findingProblem.value = problemOf(error);
    giveUp();
  } finally {
    if (!signal.aborted) finding.value = undefined;
  }
}
