import { writeImage } from '@faceanim/media';
import { signal } from '@preact/signals';
import { projector } from '../../engine/engine';
import { face } from '../../look/designed';
import { takeLook } from '../../look/look';
import { announce } from '../../ui/announcer';
import { latentsFile } from '../../ui/latents-file';
import { isCancelled, type Problem, problemOf } from '../../ui/problem';
import { saveFile } from '../../ui/save-file';
import { drawn } from './drawing';

/** How much of a video is written; undefined if none is being written. */
export const writing = signal<number | undefined>(undefined);
export const saveProblem = signal<Problem | undefined>(undefined);

/** Saves the blend as a picture. */
export const savePicture = () => withProblem(async () => saveFile(await pictureOf('face.png'), 'face.png'));

/** Saves the latent of the blend, for `faceanim render`. */
export const saveLatent = () =>
  withProblem(async () => {
    saveFile(await latentsFile([drawn.value.blend!.latent], 25), 'face.safetensors');
  });

/** Saves a video from face A to face B and back. */
export const saveVideo = () =>
  withProblem(async () => {
    const { a, b } = drawn.value;
    writing.value = 0;
    announce('Writing faces.mp4');
    const open = await projector();
    const video = await open.writeVideo({
      ...{ name: 'faces.mp4', latents: [a!.latent, b!.latent, a!.latent], factor: 50, fps: 25 },
      onProgress: ({ fraction }) => {
        writing.value = fraction ?? writing.value;
      },
    });
    saveFile(video, 'faces.mp4');
    announce('faces.mp4 is saved');
  });

/** Makes the blend the look, and goes where it is animated. */
export const animate = () =>
  withProblem(async () => {
    const { image } = drawn.value.blend!;
    face.value = undefined;
    await takeLook(await pictureOf('face.png'), 'From the playground', image);
    location.hash = 'animate';
  });

async function pictureOf(name: string): Promise<Blob> {
  return (await writeImage(name, drawn.value.blend!.image)).blob();
}

async function withProblem(save: () => Promise<void>): Promise<void> {
  saveProblem.value = undefined;
  try {
    await save();
  } catch (error) {
    if (!isCancelled(error)) saveProblem.value = problemOf(error);
  } finally {
    writing.value = undefined;
  }
}
