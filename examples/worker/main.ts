/** Animates in a worker, so that the page stays responsive. */
import { createWorkerProjector, imageData, type WorkerFrame } from '@faceanim/browser';
import type { FaceanimError } from '@faceanim/core';
import { openVideo } from '@faceanim/media';

const form = document.querySelector('form')!;
const output = document.querySelector('output')!;
const canvas = document.querySelector('canvas')!;

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const given = new FormData(form);
  const [look, driver] = [given.get('look') as File, given.get('driver') as File];
  const onProgress = ({ stage, fraction = 0 }: { stage: string; fraction?: number }) => {
    output.value = `${stage} ${Math.round(100 * fraction)} %`;
  };
  try {
    // Loss terms are functions, which cannot be sent: they are set up in a worker of our own.
    const worker = given.has('background')
      ? new Worker(new URL('./background-worker.ts', import.meta.url), { type: 'module' })
      : undefined; // the one of the package
    using projector = await createWorkerProjector({ worker, onProgress });

    const frames: WorkerFrame[] = [];
    for await (const frame of projector.project({ look, driver, onProgress })) {
      frames.push(frame);
      show(imageData(frame.image!));
    }
    const { info } = await openVideo(driver);
    const animation = { name: 'animation.mp4', latents: frames, factor: 2, fps: 2 * info.fps };
    const video = await projector.writeVideo({ ...animation, audio: { source: driver } });
    document.querySelector('video')!.src = URL.createObjectURL(video);
    output.value = `${frames.length} frames on ${projector.info.backend.description}`;
  } catch (error) {
    output.value = `${error} ${(error as FaceanimError).hint ?? ''}`;
  }
});

function show(image: ImageData) {
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d')!.putImageData(image, 0, 0);
}
