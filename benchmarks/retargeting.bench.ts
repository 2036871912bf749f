import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  browHeight,
  eyeOpening,
  ffhqQuad,
  imageToQuad,
  type Landmarks,
  landmarkJitter,
  landmarksOf,
  mouthOpening,
  normalizedMeanError,
} from '@faceanim/core/landmarks';
import { fitClip, fitFace, type LandmarkModel, liveFit, retarget } from '@faceanim/core/retargeting';
import { landmarkModel } from '@faceanim/models';
import { pearson, slope } from '../packages/cli/src/report/series';
import type { BenchmarkContext } from './run';

export const description =
  'the driver’s motion on the look’s face against the truth: errors and jitter in % of the outer eye distance, and times [--cases FOLDER]';

/** Times are those of the CPU, the second of two runs: the first compiles. */
export async function run({ args }: BenchmarkContext) {
  const { values } = parseArgs({
    args,
    options: { cases: { type: 'string', default: '../shared/fixtures/retarget' } },
  });
  const model = await landmarkModel();
  const files = readdirSync(values.cases).filter((file) => file.endsWith('.json'));
  const rows: object[] = [];
  for (const file of files) {
    const path = join(values.cases, file);
    await measure(model, path);
    rows.push({ case: file.replace('.json', ''), ...(await measure(model, path)) });
  }
  return { retargeting: rows };
}

async function measure(model: LandmarkModel, file: string) {
  const given = JSON.parse(readFileSync(file, 'utf8'));
  const driver: Landmarks[] = given.driver.map(landmarksOf);
  const truth: Landmarks[] = given.truth.map(landmarksOf);
  const clip = await timed(() => fitClip(model, driver));
  const look = await timed(() => fitFace(model, landmarksOf(given.look), { noise: clip.value.noise }));
  const targets = retarget({ model, driver: clip.value, look: look.value });
  const live = await timed(() => {
    const fit = liveFit(model);
    return driver.flatMap((landmarks) => fit.push(landmarks) ?? []);
  });
  const liveTargets = live.value.flatMap((frame) =>
    retarget({ model, driver: { frames: [frame] }, look: look.value }),
  );
  const untouched = driver.map((landmarks) => imageToQuad(landmarks, ffhqQuad(landmarks)!, 256));
  const followed = (of: (landmarks: Landmarks) => number) => {
    const [wanted, got] = [truth.map(of), targets.map(of)];
    return `${pearson(wanted, got).toFixed(2)} / ${slope(wanted, got).toFixed(2)}`;
  };
  return {
    ...{ asIs: error(untouched, truth), retargeted: error(targets, truth), live: error(liveTargets, truth) },
    ...{ jitterAsIs: jitter(untouched), jitter: jitter(targets), trueJitter: jitter(truth) },
    ...{ mouth: followed(mouthOpening), eyes: followed(eyeOpening), brows: followed(browHeight) },
    ...{ clipMs: clip.ms, lookMs: look.ms, liveMsPerFrame: live.ms / driver.length },
  };
}

async function timed<T>(work: () => T | Promise<T>): Promise<{ value: T; ms: number }> {
  const before = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(before);
  return { value, ms: Math.round((user + system) / 1000) };
}

function error(targets: readonly Landmarks[], truth: readonly Landmarks[]): number {
  const sum = targets.reduce((sum, target, t) => sum + normalizedMeanError(target, truth[t]!), 0);
  return round((100 * sum) / targets.length);
}

const jitter = (targets: readonly Landmarks[]) => round(100 * landmarkJitter(targets));

const round = (value: number) => Number(value.toFixed(2));
