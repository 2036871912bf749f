/**
 * Animates a photograph with networks that were trained on photographs, read from the files they are published in:
 *
 * - weights/ffhq.pkl: a generator of stylegan2-ada-pytorch or stylegan3
 * - weights/2DFAN4.pth.tar: the landmark network of face-alignment
 * - weights/vgg16.pth: torchvision's VGG16; weights/vgg.pth: the LPIPS heads for it, of the repository PerceptualSimilarity
 *
 * Usage: own-generator.ts LOOK DRIVER
 */
import { openBackend } from '@faceanim/backend-node';
import { interpolate, prepareLook, projectSequence, render } from '@faceanim/core';
import { openVideo, readImage, writeVideo } from '@faceanim/media';
import { landmarkModel, loadGenerator, loadLandmarkNet, loadLpips } from '@faceanim/models';

const [lookFile = 'look.jpg', driverFile = 'driver.mp4'] = process.argv.slice(2);

await using backend = await openBackend();
using generator = await loadGenerator('weights/ffhq.pkl');
using landmarkNet = await loadLandmarkNet('weights/2DFAN4.pth.tar');
using perceptual = await loadLpips({ net: 'vgg', trunk: 'weights/vgg16.pth', heads: 'weights/vgg.pth' });
const models = { generator, landmarkNet, perceptual, landmarkModel: await landmarkModel() };

const photo = await readImage(lookFile, { maxSide: 4096 });
const video = await openVideo(driverFile);
const frames = projectSequence({
  ...models,
  backend,
  look: await prepareLook(photo, { ...models, backend, onWarning: console.warn }),
  driver: video.frames(),
  onProgress: ({ stage, frame, step, steps, etaSeconds }) => {
    if (step! + 1 === steps) console.log(stage, frame ?? '', `${etaSeconds?.toFixed(0)} s left`);
  },
});
const images = render(interpolate(frames, { factor: 2 }), generator);
const { path } = await writeVideo('out/own-generator.webp', images, { fps: 2 * video.info.fps });
console.log(path);
