import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBackend } from '@faceanim/backend-node';
import {
  type Backend,
  type BackendName,
  decodeFrame,
  type Generator,
  interpolate,
  type Latent,
  mapLatents,
  type RgbImage,
  render,
} from '@faceanim/core';
import { trackClip } from '@faceanim/core/landmarks';
import { readImage, readVideo } from '@faceanim/media';
import { type AvatarPack, avatarPack } from '@faceanim/models';
import { randomState, read } from '@faceanim/tensor';
import type { BenchmarkContext } from './run';
import { type Series, series } from './support/pictures/series';
import { drawStrip, type Row } from './support/pictures/strip';
import { animate } from './support/quality/animate';

export const description =
  'draws the pictures of docs/method.md: the same frames with a weight at several values [--only A,B] [--out FOLDER] [--runs FOLDER] [--backend NAME]';

const look = 'packages/cli/assets/demo-look.png';
const driver = 'packages/cli/assets/demo-driver.webp';
const driverFrames = 25;

/** Look and driver are those of the demo. Runs are kept in a folder, so that only those that are missing are made. */
export async function run({ args, log }: BenchmarkContext) {
  const { only, out, runs, ...options } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: [...Object.keys(series), ...Object.keys(others)].join() },
      out: { type: 'string', default: 'docs/weights' },
      runs: { type: 'string', default: 'out/pictures' },
      backend: { type: 'string' },
    },
  }).values;
  await using backend = await openBackend({ prefer: options.backend as BackendName | undefined });
  using pack = await avatarPack();
  const bench = { backend, pack, folder: runs, log };
  mkdirSync(out, { recursive: true });
  const written: Record<string, number> = {};
  for (const name of only.split(',')) {
    const rows = (await others[name]?.(bench)) ?? (await settings(name, series[name]!, bench));
    const picture = await drawStrip(rows);
    writeFileSync(join(out, `${name}.webp`), picture);
    written[name] = picture.length;
  }
  return { backend: backend.description, bytes: written };
}

interface Bench {
  readonly backend: Backend;
  readonly pack: AvatarPack;
  readonly folder: string;
  readonly log: BenchmarkContext['log'];
}

/** Three pictures a row, or a row for each run of several frames. */
async function settings(name: string, { frames, every, runs }: Series, bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  const add = (label: string, pictures: readonly RgbImage[]) =>
    rows.push({
      name: label,
      tiles: pictures.map((picture, i) => [rows.length === 0 ? `frame ${frames[i]}` : '', picture]),
    });
  add('driver', await driverPictures(frames, bench.pack));
  for (const [i, [label, options]] of runs.entries()) {
    const key = options ? `${name}-${i}` : 'default';
    const { pictures } = await oneRun(key, every, options?.(bench.pack), bench);
    add(
      label,
      frames.map((frame) => pictures[frame / every]!),
    );
  }
  if (frames.length > 1) return rows;
  const tiles: Row['tiles'] = [
    ['look', await readImage(look)],
    ...rows.map(({ name, tiles }) => [name!, tiles[0]![1]] as const),
  ];
  return [0, 3]
    .map((from) => ({ tiles: tiles.slice(from, from + 3) }))
    .filter(({ tiles }) => tiles.length > 0);
}

async function oneRun(name: string, every: number, options: object | undefined, bench: Bench) {
  const { backend, pack, log } = bench;
  const folder = join(bench.folder, name);
  // Of series with neighbouring frames, no more than are shown.
  const frames = every === 1 ? 10 : Math.ceil(driverFrames / every);
  const from = performance.now();
  const made = await animate({
    ...{ backend, pack, look, driver, frames, every, folder },
    interpolation: 'linear',
    options: options ?? {},
  });
  log(`${name}: ${made.error ?? `${Math.round((performance.now() - from) / 1000)} s`}`);
  return made;
}

/** The driver as the landmark network sees it, cropped. */
async function driverPictures(frames: readonly number[], { landmarkNet }: AvatarPack): Promise<RgbImage[]> {
  const clip = await trackClip(readVideo(driver), { landmarkNet });
  return frames.map((frame) => clip[frame]!.image);
}

/** Faces by chance, nearer to and further from the mean face than they are. */
async function faces({ pack: { generator } }: Bench): Promise<Row[]> {
  const { numWs, wDim } = generator;
  const rows: Row[] = [];
  for (const seed of [3, 5]) {
    const tiles: [string, RgbImage][] = [];
    for (const psi of [0, 0.5, 1, 1.5]) {
      const z = Float32Array.from(randomState(seed).randn(generator.zDim));
      const data = await read(mapLatents(generator, z, { truncationPsi: psi }));
      const [picture] = await draw([{ numWs, wDim, data }], generator);
      tiles.push([`psi ${psi}`, picture!]);
    }
    rows.push({ name: `seed ${seed}`, tiles });
  }
  return rows;
}

/** Between two frames: pictures of latents in between, and the two pictures cross-faded. */
async function between(bench: Bench): Promise<Row[]> {
  await oneRun('default', 8, undefined, bench);
  const frame = (index: string) => decodeFrame(readFileSync(join(bench.folder, 'default', `${index}.frame`)));
  const latents = interpolate([frame('008'), frame('016')], { factor: 3, method: 'linear' });
  const ours = await draw(latents, bench.pack.generator);
  const [first, last] = [ours[0]!, ours.at(-1)!];
  const row = (name: string, pictures: readonly RgbImage[]): Row => ({
    name,
    tiles: pictures.map((picture, i) => [['frame', '1/3', '2/3', 'frame'][i]!, picture]),
  });
  const faded = ours.map((_, i) => {
    const share = i / (ours.length - 1);
    return {
      ...first,
      data: first.data.map((a, at) => Math.round((1 - share) * a + share * last.data[at]!)),
    };
  });
  return [row('sub-frames', ours), row('cross-fade', faded)];
}

/** Strips of other things than runs. */
const others: Readonly<Record<string, (bench: Bench) => Promise<Row[]>>> = { psi: faces, subframes: between };

async function draw(
  latents: Iterable<Latent> | AsyncIterable<Latent>,
  generator: Generator,
): Promise<RgbImage[]> {
  const pictures: RgbImage[] = [];
  for await (const picture of render(latents, generator)) pictures.push(picture);
  return pictures;
}
