import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { RgbImage } from '@faceanim/core';
import { readImage, readVideo } from '@faceanim/media';
import { avatarPack } from '@faceanim/models';
import type { BenchmarkContext } from './run';
import { measureLive } from './support/live/measure-live';
import { withNullFace } from './support/live/null-face';
import { openAnyBackend } from './support/open-any-backend';
import { wholeNumber } from './support/whole-number';

export const description =
  'a live session on the avatar pack: frames a second, latency, steps a frame, what a frame takes, and how it follows against the offline run [--backend NAME] [--allow-software] [--driver FILE] [--look FILE] [--frames N] [--budget MS] [--look-steps N] [--fan-modules N] [--no-offline]';

const assets = join(import.meta.dirname, '../packages/cli/assets');

export async function run({ args, log }: BenchmarkContext) {
  const { values } = parseArgs({
    args,
    options: {
      backend: { type: 'string' },
      'allow-software': { type: 'boolean', default: false },
      driver: { type: 'string', default: join(assets, 'demo-driver.webp') },
      look: { type: 'string', default: join(assets, 'demo-look.png') },
      frames: { type: 'string', default: '50' },
      budget: { type: 'string', default: '40' },
      'look-steps': { type: 'string' },
      'fan-modules': { type: 'string', default: '2' },
      'no-offline': { type: 'boolean', default: false },
    },
  });
  await using backend = await openAnyBackend({
    name: values.backend,
    allowSoftware: values['allow-software'],
    fusedKernels: true,
  });
  log(backend.description);
  using pack = await avatarPack({ fanModules: wholeNumber('fan-modules', values['fan-modules']) });
  const models = values.backend === 'webgpu-null' ? withNullFace(pack) : pack;
  const frames: RgbImage[] = [];
  const limit = wholeNumber('frames', values.frames);
  for await (const { image } of readVideo(values.driver, { limit })) frames.push(image);
  const { openSeconds, speed, phases, quality } = await measureLive({
    ...{ backend, models, frames, log },
    look: await readImage(values.look),
    session: {
      budgetMs: wholeNumber('budget', values.budget),
      steps:
        values['look-steps'] === undefined ? {} : { look: wholeNumber('look-steps', values['look-steps']) },
    },
    offline: !values['no-offline'],
  });
  return { backend: backend.description, openSeconds, speed, phases, quality };
}
