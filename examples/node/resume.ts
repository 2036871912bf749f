/** A run that can be stopped with Ctrl+C: finished frames are saved, and the next start goes on after them. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { openBackend } from '@faceanim/backend-node';
import {
  decodeFrame,
  encodeFrame,
  FaceanimError,
  interpolate,
  type ProjectedFrame,
  projectSequence,
  render,
} from '@faceanim/core';
import { readImage, readVideo, writeVideo } from '@faceanim/media';
import { writeFileAtomic } from '@faceanim/media/files';
import { avatarPack } from '@faceanim/models';

const folder = 'out/resume';
await mkdir(folder, { recursive: true });
const names = (await readdir(folder)).filter((name) => name.endsWith('.safetensors')).sort();
const resume: ProjectedFrame[] = [];
for (const file of names) resume.push(decodeFrame(await readFile(`${folder}/${file}`), { file }));
if (resume.length > 0) console.log(`going on after frame ${resume.at(-1)!.index}`);

const controller = new AbortController();
process.once('SIGINT', () => controller.abort());

await using backend = await openBackend();
using models = await avatarPack({ fanModules: 1 });

const frames: ProjectedFrame[] = [];
try {
  const run = projectSequence({
    ...models,
    backend,
    look: await readImage('packages/cli/assets/demo-look.png'),
    driver: readVideo('packages/cli/assets/demo-driver.webp'),
    resume,
    signal: controller.signal,
  });
  for await (const frame of run) {
    frames.push(frame);
    if (frames.length <= resume.length) continue; // one of an earlier start
    await writeFileAtomic(
      `${folder}/${String(frame.index).padStart(6, '0')}.safetensors`,
      encodeFrame(frame),
    );
    console.log(`frame ${frame.index} is saved`);
  }
  const { path } = await writeVideo('out/resume.webp', render(interpolate(frames), models.generator), {
    fps: 25,
  });
  console.log(path);
} catch (error) {
  if (!FaceanimError.isInstance(error, 'aborted')) throw error;
  console.log('stopped; start again to go on');
}
