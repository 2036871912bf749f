import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBackend } from '@faceanim/backend-node';
import { type AlignedFrame, type LandmarkNet, type Latent, latentStatistics, render } from '@faceanim/core';
import { centredSquare, detectLandmarks, normalizedMeanError, trackFaces } from '@faceanim/core/landmarks';
import { readImage, readVideo } from '@faceanim/media';
import { avatarPack } from '@faceanim/models';
import type { BenchmarkContext } from './run';
import { runInLab } from './support/steps/lab';
import { meansOf, pictures, type Run, rowOf } from './support/steps/report';
import type { Scene } from './support/steps/scene';
import { runSequence } from './support/steps/sequence';
import { ideas } from './support/steps-ideas';
import { wholeNumber } from './support/whole-number';

export const description =
  'steps to the same picture, per idea [--media FOLDER] [--clips A,B] [--looks A,B] [--groups A,B] [--ideas A,B] [--first N] [--next N] [--frames N] [--every N] [--start N] [--out FOLDER] [--backend NAME]';

/**
 * Runs every idea on every clip and look. Each run is saved to a file, so that a stopped benchmark can go on. Prints a
 * table of ideas and one of runs, and draws charts of the curves, by group.
 */
export async function run({ args, log }: BenchmarkContext) {
  const options = parseOptions(args);
  const { media, clips, looks, out, steps } = options;
  mkdirSync(out, { recursive: true });
  await using backend = await openBackend({ prefer: options.backend });
  using pack = await avatarPack({ fanModules: 1 });
  using half = await avatarPack({ fanModules: 1 });
  using whole = await avatarPack();
  const statistics = await latentStatistics(pack.generator);
  // FAN is fully convolutional, though the SDK offers only its published size.
  const halfLandmarkNet = Object.assign(half.landmarkNet, { inputSize: 128, heatmapSize: 32 });
  const landmarkError = async (latent: Latent, { alignedLandmarks }: AlignedFrame) => {
    for await (const image of render([latent], pack.generator)) {
      const { landmarks } = await detectLandmarks(image, centredSquare(image), whole.landmarkNet);
      return normalizedMeanError(landmarks, alignedLandmarks);
    }
    return Number.NaN;
  };
  const runs: Run[] = [];
  for (const clip of clips) {
    let drivers: AlignedFrame[] | undefined;
    for (const look of looks) {
      for (const { group, idea } of options.ideas) {
        const file = join(out, `${idea.name.replaceAll(/[, ]+/g, '-')}.${clip}.${look}.json`);
        if (!existsSync(file)) {
          drivers ??= await track(options, clip, whole.landmarkNet);
          const image = await readImage(join(media, `look-${look}.png`));
          const scene: Scene = {
            backend,
            pack,
            halfLandmarkNet,
            statistics,
            look: image,
            drivers,
            steps,
            landmarkError,
          };
          const frames = await ('open' in idea ? runInLab(idea, scene) : runSequence(idea, scene));
          writeFileSync(file, JSON.stringify({ group, idea: idea.name, clip, look, frames }));
        }
        runs.push(JSON.parse(readFileSync(file, 'utf8')));
        log(`${clip}, look ${look}, ${idea.name}: ${JSON.stringify(rowOf(runs.at(-1)!))}`);
      }
    }
  }
  for (const [name, png] of await pictures(runs)) writeFileSync(join(out, `${name}.png`), png);
  return { ideas: meansOf(runs), runs: runs.map(rowOf) };
}

function parseOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      media: { type: 'string', default: '../shared/media' },
      clips: { type: 'string', default: 'talk,smile,blink-brows' },
      looks: { type: 'string', default: '01,03' },
      groups: { type: 'string' },
      ideas: { type: 'string' },
      first: { type: 'string', default: '60' },
      next: { type: 'string', default: '10' },
      frames: { type: 'string', default: '5' },
      every: { type: 'string', default: '2' },
      start: { type: 'string', default: '4' },
      out: { type: 'string', default: 'out/steps' },
      backend: { type: 'string' },
    },
  });
  const whole = (name: 'first' | 'next' | 'frames' | 'every' | 'start') => wholeNumber(name, values[name], 0);
  const wantedGroups = values.groups?.split(',');
  // Names of ideas contain commas, so an idea is selected by part of its name.
  const wanted = values.ideas?.split(',');
  return {
    ...values,
    clips: values.clips.split(','),
    looks: values.looks.split(','),
    ideas: Object.entries(ideas)
      .filter(([group]) => !wantedGroups || wantedGroups.includes(group))
      .flatMap(([group, members]) => members.map((idea) => ({ group, idea })))
      .filter(({ idea }) => !wanted || wanted.some((part) => idea.name.includes(part))),
    steps: { first: whole('first'), next: whole('next') },
    frames: whole('frames'),
    every: whole('every'),
    start: whole('start'),
  };
}

async function track(
  { media, every, start, frames }: ReturnType<typeof parseOptions>,
  clip: string,
  landmarkNet: LandmarkNet,
): Promise<AlignedFrame[]> {
  const video = readVideo(join(media, `driver-${clip}.mp4`), { every, start, limit: frames });
  const aligned: AlignedFrame[] = [];
  for await (const frame of trackFaces(video, { landmarkNet })) aligned.push(frame);
  return aligned;
}
