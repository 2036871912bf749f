import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lineChart, openBackend, readImage, readVideo } from '@faceanim/backend-node';
import {
  type AlignedFrame,
  centredSquare,
  detectLandmarks,
  invalidOption,
  latentStatistics,
  normalizedMeanError,
  projectSequence,
  render,
  type SequenceFrame,
  trackFaces,
} from '@faceanim/core';
import { avatarPack } from '@faceanim/models';
import type { BenchmarkContext } from './run';
import { ideas } from './support/steps-ideas';

export const description =
  'steps to the same picture, per idea [--media FOLDER] [--clips A,B] [--looks A,B] [--ideas A,B] [--frames N] [--every N] [--start N] [--out FOLDER] [--backend NAME]';

/** What is kept of a run: one file, so that a benchmark that was stopped goes on. */
interface Run {
  readonly idea: string;
  readonly clip: string;
  readonly look: string;
  readonly frames: readonly RunFrame[];
}

interface RunFrame {
  readonly steps: number;
  readonly losses: SequenceFrame['losses'];
  readonly history: SequenceFrame['history'];
  /** Of the result's landmarks against the driver's, both by the whole landmark network, in outer eye distances. */
  readonly nme: number;
}

/** Runs every idea on every clip and look, without early stops; a table and a picture of the curves per clip and look. */
export async function run({ args, log }: BenchmarkContext) {
  const options = parseOptions(args);
  mkdirSync(options.out, { recursive: true });
  await using backend = await openBackend({ prefer: options.backend });
  using pack = await avatarPack({ fanModules: 1 });
  using whole = await avatarPack();
  const statistics = await latentStatistics(pack.generator);
  const runs: Run[] = [];
  for (const look of options.looks) {
    for (const clip of options.clips) {
      let driver: AlignedFrame[] | undefined;
      for (const idea of options.ideas) {
        const file = join(options.out, `${idea.replaceAll(/[, ]+/g, '-')}.${clip}.${look}.json`);
        if (!existsSync(file)) {
          driver ??= await track(options, clip, whole.landmarkNet);
          const sequence = projectSequence({
            ...pack,
            backend,
            statistics,
            plateau: false,
            ...ideas[idea],
            look: await readImage(join(options.media, `look-${look}.png`)),
            driver,
            align: 'given',
          });
          const frames: RunFrame[] = [];
          for await (const frame of sequence) {
            const nme = await landmarkError(frame, pack.generator, whole.landmarkNet);
            const { steps, losses, history } = frame;
            frames.push({ steps, losses, history, nme });
            log(`${idea}, ${clip}, look ${look}, frame ${frame.index}: ${losses.total!.toFixed(4)}`);
          }
          writeFileSync(file, JSON.stringify({ idea, clip, look, frames }));
        }
        runs.push(JSON.parse(readFileSync(file, 'utf8')));
      }
    }
  }
  writeFileSync(join(options.out, 'steps.png'), await picture(runs));
  return { ideas: meansOf(runs), runs: runs.map(rowOf) };
}

function parseOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      media: { type: 'string', default: '../shared/media' },
      clips: { type: 'string', default: 'talk,smile,blink-brows' },
      looks: { type: 'string', default: '01,03' },
      ideas: { type: 'string' },
      frames: { type: 'string', default: '5' },
      every: { type: 'string', default: '2' },
      start: { type: 'string', default: '4' },
      out: { type: 'string', default: 'out/steps' },
      backend: { type: 'string' },
    },
  });
  const whole = (name: 'frames' | 'every' | 'start') => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 0)
      throw invalidOption(`--${name}`, values[name], 'a whole number');
    return value;
  };
  // Names of ideas have commas, so they are asked for by a part of the name.
  const wanted = values.ideas?.split(',');
  return {
    ...values,
    clips: values.clips.split(','),
    looks: values.looks.split(','),
    ideas: Object.keys(ideas).filter((name) => !wanted || wanted.some((part) => name.includes(part))),
    frames: whole('frames'),
    every: whole('every'),
    start: whole('start'),
  };
}

type Networks = Awaited<ReturnType<typeof avatarPack>>;

async function track(
  { media, every, start, frames }: ReturnType<typeof parseOptions>,
  clip: string,
  net: Networks['landmarkNet'],
): Promise<AlignedFrame[]> {
  const video = readVideo(join(media, `driver-${clip}.mp4`), { every, start, limit: frames });
  const aligned: AlignedFrame[] = [];
  for await (const frame of trackFaces(video, { net })) aligned.push(frame);
  return aligned;
}

async function landmarkError(
  { latent, driver }: SequenceFrame,
  generator: Networks['generator'],
  net: Networks['landmarkNet'],
): Promise<number> {
  for await (const image of render([latent], generator)) {
    const { landmarks } = await detectLandmarks(image, centredSquare(image), net);
    return normalizedMeanError(landmarks, driver.alignedLandmarks);
  }
  return Number.NaN;
}

function rowOf({ idea, clip, look, frames }: Run) {
  const [first, ...next] = frames;
  return {
    idea,
    clip,
    look,
    steps: `${first!.steps} + ${next[0]?.steps ?? 0}`,
    first: round(first!.losses.total!),
    next: round(mean(next.map(({ losses }) => losses.total!))),
    nme: round(mean(frames.map(({ nme }) => nme))),
    lpips: round(mean(frames.map(({ losses }) => losses.lpips!))),
  };
}

/** Rows averaged over clips and looks. */
function meansOf(runs: readonly Run[]) {
  const names = [...new Set(runs.map(({ idea }) => idea))];
  return names.map((idea) => {
    const rows = runs.filter((run) => run.idea === idea).map(rowOf);
    const of = (key: 'first' | 'next' | 'nme' | 'lpips') => round(mean(rows.map((row) => row[key])));
    return {
      idea,
      steps: rows[0]!.steps,
      first: of('first'),
      next: of('next'),
      nme: of('nme'),
      lpips: of('lpips'),
    };
  });
}

/** The objective over the steps of all frames, of the first clip and look. */
function picture(runs: readonly Run[]): Promise<Uint8Array> {
  const { clip, look } = runs[0]!;
  const series = runs
    .filter((run) => run.clip === clip && run.look === look)
    .map(({ idea, frames }) => {
      let before = 0;
      const points: [number, number][] = [];
      for (const { history, steps } of frames) {
        for (const { step, total } of history) points.push([before + step + 1, total]);
        before += steps;
      }
      return { label: idea, points };
    });
  return lineChart(series, {
    title: `Objective over all steps: ${clip}, look ${look}`,
    xLabel: 'step',
    yLabel: 'objective',
    log: true,
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const round = (value: number) => Math.round(10000 * value) / 10000;
