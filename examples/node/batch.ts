/**
 * Animates one look by many clips. A clip that fails does not end the batch.
 *
 * Usage: batch.ts LOOK CLIP…
 */
import { parse } from 'node:path';
import { openBackend } from '@faceanim/backend-node';
import { interpolate, openProjector, prepareLook, render } from '@faceanim/core';
import { openVideo, readImage, writeVideo } from '@faceanim/media';
import { avatarPack } from '@faceanim/models';

const [lookFile, ...clips] = process.argv.slice(2);
if (!lookFile || clips.length === 0) throw new Error('Usage: batch.ts LOOK CLIP…');

await using backend = await openBackend();
using models = await avatarPack({ fanModules: 1 });
using projector = await openProjector({ ...models, backend }); // prepares once what all clips need
const look = await prepareLook(await readImage(lookFile), { ...models, backend });

for (const [i, clip] of clips.entries()) {
  const { name } = parse(clip);
  try {
    const video = await openVideo(clip);
    const frames = projector.project({
      look,
      driver: video.frames(),
      onProgress({ stage, position, frames, step, steps }) {
        if (stage === 'optimize' && step! + 1 === steps)
          console.log(`${i + 1}/${clips.length} ${name}: frame ${position! + 1} of ${frames}`);
      },
    });
    const images = render(interpolate(frames, { factor: 2 }), models.generator);
    const { path } = await writeVideo(`out/${name}.webp`, images, { fps: 2 * video.info.fps });
    console.log(path);
  } catch (error) {
    console.error(`${clip}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
