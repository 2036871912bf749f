import type { WorkerProjector } from '@faceanim/browser';
import type { Latent, RgbImage } from '@faceanim/core';
import { computed, effect, signal } from '@preact/signals';
import { engine } from '../../engine/engine';
import { isCancelled, type Problem, problemOf } from '../../ui/problem';
import { mixLayers } from './arithmetic';
import { allValues, factors } from './expression';
import { faces, lookLatent, type Side } from './faces';
import { latentOf } from './latents';
import { shares } from './shares';

/** The two faces and their blend, as latents and as pictures. */
interface Drawn {
  readonly latent: Latent;
  readonly image: RgbImage;
}

export const drawn = signal<Partial<Readonly<Record<Side | 'blend', Drawn>>>>({});
export const drawingProblem = signal<Problem | undefined>(undefined);

/** All that the pictures depend on. */
const wanted = computed(() => {
  const { value } = engine;
  if (value.phase !== 'ready') return undefined;
  return {
    projector: value.projector,
    faces: faces.value,
    values: factors.value && allValues.value,
    look: lookLatent.value,
    shares: shares.value,
  };
});

type Wanted = NonNullable<typeof wanted.value>;

let drawing = false;

effect(() => {
  if (wanted.value && !drawing) void drawNewest();
});

/** Draws the newest state, again and again while it changes: what lies between is left out. */
async function drawNewest(): Promise<void> {
  drawing = true;
  for (let done: Wanted | undefined; wanted.peek() && done !== wanted.peek(); ) {
    done = wanted.peek()!;
    try {
      await draw(done);
      drawingProblem.value = undefined;
    } catch (error) {
      if (!isCancelled(error)) drawingProblem.value = problemOf(error);
    }
  }
  drawing = false;
}

async function draw({ projector, faces, values, look, shares }: Wanted): Promise<void> {
  const a = await latentOf(projector, faces.a, { values, look });
  const b = await latentOf(projector, faces.b, { values, look });
  await show(projector, 'blend', mixLayers(a, b, shares));
  await show(projector, 'a', a);
  await show(projector, 'b', b);
}

/** Draws a latent, unless its picture is there. */
async function show(projector: WorkerProjector, name: Side | 'blend', latent: Latent): Promise<void> {
  const before = drawn.peek()[name]?.latent.data;
  if (before?.length === latent.data.length && before.every((value, i) => value === latent.data[i])) return;
  for await (const image of projector.render({ latents: [latent] }))
    drawn.value = { ...drawn.peek(), [name]: { latent, image } };
}
