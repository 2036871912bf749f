import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PerceptualNet, RgbImage } from '@faceanim/core';
import { readImage, readVideo } from '@faceanim/media';
import { type Made, readMade } from './animate';
import { type Assessment, assess, cosineDistance, type Seen, trustworthiness } from './assess';
import type { Judge } from './judges';
import { perceptualDistance } from './perceptual-distance';
import { readAll } from './readings';
import { type SheetRow, sheet } from './sheet';
import { clipsWithTruth, readTruth, type Truth } from './truth';

/** Which animations to judge: all pairs, in all variants that have been made. */
export interface Field {
  readonly shared: string;
  readonly out: string;
  readonly clips: readonly string[];
  readonly looks: readonly string[];
  /** Names of the variants. */
  readonly names: readonly string[];
}

/** One animation with its measures. */
export interface JudgedRun {
  readonly name: string;
  readonly clip: string;
  readonly look: string;
  readonly steps: number;
  readonly measures: Measures;
}

export interface Measures extends Assessment {
  /** Mean LPIPS to the look and, frame by frame, to the truth. */
  readonly lpips: number;
  readonly trueLpips?: number;
  /** Identity distance of the look that the same variant has projected alone. */
  readonly alone: number;
}

/** How the judges read the truth of a pair, and how far it is from the look: no animation should be closer. */
export interface Trust extends ReturnType<typeof trustworthiness> {
  readonly clip: string;
  readonly look: string;
  readonly identity: number;
  readonly worstIdentity: number;
  readonly lpips: number;
}

/** The judgement of a {@link Field}. */
export interface Judgement {
  readonly runs: JudgedRun[];
  /** Animations that ended with an error. */
  readonly failures: {
    readonly name: string;
    readonly clip: string;
    readonly look: string;
    readonly error: string;
  }[];
  readonly trust: Trust[];
  /** A picture of each pair, by its name. */
  readonly sheets: [name: string, png: Buffer][];
}

/** Judges animations against drawn truth, pair by pair. */
export async function judgeRuns(field: Field, judge: Judge, lpips: PerceptualNet): Promise<Judgement> {
  const judgement: Judgement = { runs: [], failures: [], trust: [], sheets: [] };
  for (const clip of field.clips) {
    for (const look of field.looks) await judgePair(field, { clip, look }, judge, lpips, judgement);
  }
  return judgement;
}

async function judgePair(
  { shared, out, names }: Field,
  pair: { readonly clip: string; readonly look: string },
  judge: Judge,
  lpips: PerceptualNet,
  judgement: Judgement,
): Promise<void> {
  const { clip, look } = pair;
  const picture = await readImage(join(shared, 'media', `look-${look}.png`));
  const folderOf = (name: string, clip: string) => join(out, 'runs', name, `${clip}.${look}`);
  const read = (name: string, clip: string, made: Made) =>
    readAll(join(folderOf(name, clip), 'readings.json'), made.pictures, judge);
  mkdirSync(join(out, 'looks'), { recursive: true });
  const [lookReading] = await readAll(join(out, 'looks', `${look}.json`), [picture], judge);

  const made = new Map<string, Made>();
  for (const name of names) {
    const run = await readMade(folderOf(name, clip));
    if (run?.error) judgement.failures.push({ name, ...pair, error: run.error });
    else if (run) made.set(name, run);
  }
  const [first] = made.values();
  if (!first) return;
  const frames = first.frames.map(({ index }) => index);
  const truth = clipsWithTruth.includes(clip)
    ? await readTruth({ shared, folder: join(out, 'truth'), ...pair, frames })
    : undefined;
  const seenTruth = truth && {
    readings: await readAll(join(out, 'truth', `${clip}.${look}`, 'readings.json'), truth.pictures, judge),
    landmarks: truth.landmarks,
  };
  const toLook = (pictures: readonly RgbImage[]) =>
    perceptualDistance(
      lpips,
      pictures.map((each) => [each, picture]),
    );
  if (truth && seenTruth) {
    const { identity, worstIdentity } = assess({
      consecutive: false,
      look: lookReading!,
      result: seenTruth.readings,
    });
    judgement.trust.push({
      ...pair,
      ...trustworthiness(seenTruth),
      ...{ identity, worstIdentity, lpips: await toLook(truth.pictures) },
    });
  }

  for (const [name, run] of made) {
    const seen: Seen = {
      consecutive: frames.every((frame, i) => frame === frames[0]! + i),
      look: lookReading!,
      result: await read(name, clip, run),
      truth: seenTruth,
    };
    const alone = await readMade(folderOf(name, 'alone'));
    const [aloneReading] = alone ? await read(name, 'alone', alone) : [];
    judgement.runs.push({
      ...{ name, ...pair, steps: run.frames.reduce((sum, { steps }) => sum + steps, 0) },
      measures: {
        ...assess(seen),
        lpips: await toLook(run.pictures),
        trueLpips:
          truth &&
          (await perceptualDistance(
            lpips,
            run.pictures.map((result, t) => [result, truth.pictures[t]!]),
          )),
        alone: aloneReading ? cosineDistance(lookReading!.descriptor, aloneReading.descriptor) : Number.NaN,
      },
    });
  }
  const driver = await driverPictures(join(shared, 'media', `driver-${clip}.mp4`), frames);
  judgement.sheets.push([`${clip}-${look}`, await sheet(rowsOf(driver, truth, made))]);
}

async function driverPictures(path: string, frames: readonly number[]): Promise<RgbImage[]> {
  const pictures: RgbImage[] = [];
  for await (const { index, image } of readVideo(path)) if (frames.includes(index)) pictures.push(image);
  return pictures;
}

/** Driver, truth with the target points of the variants that have some, and the results. */
function rowsOf(
  driver: readonly RgbImage[],
  truth: Truth | undefined,
  made: ReadonlyMap<string, Made>,
): SheetRow[] {
  const withTargets = [...made].find(([, { frames }]) => frames.some(({ target }) => target));
  const points = withTargets?.[1].frames.map(({ target }) => target);
  return [
    { name: 'driver', pictures: driver },
    ...(truth ? [{ name: points ? 'truth, targets' : 'truth', pictures: truth.pictures, points }] : []),
    ...[...made].map(([name, { pictures }]) => ({ name, pictures })),
  ];
}
