/** Free mode: without a look, only the landmarks of the driver and the prior shape the face. */
import { openBackend } from '@faceanim/backend-node';
import { freeLosses, interpolate, projectSequence, render, type SequenceFrame } from '@faceanim/core';
import { readVideo, writeVideo } from '@faceanim/media';
import { avatarPack } from '@faceanim/models';

await using backend = await openBackend();
using models = await avatarPack({ fanModules: 1 });

const projected = projectSequence({
  generator: models.generator,
  landmarkNet: models.landmarkNet, // no perceptual network: there is no look to compare with
  backend,
  driver: readVideo('packages/cli/assets/demo-driver.webp', { every: 3, limit: 6 }),
  losses: freeLosses({ ...models, groups: { eyes: 5, outerLip: 5, innerLip: 5 } }),
  steps: { first: 40, next: 15 },
});
const frames: SequenceFrame[] = [];
for await (const frame of projected) {
  frames.push(frame);
  console.log(`driver frame ${frame.driver.index}: objective ${frame.losses.total?.toFixed(3)}`);
}
const images = render(interpolate(frames, { factor: 4, method: 'catmull-rom' }), models.generator);
console.log((await writeVideo('out/free.webp', images, { fps: 16 })).path);
