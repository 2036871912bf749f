import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { pythonCommand } from '../tools/python.mjs';
import type { BenchmarkContext } from './run';
import { wholeNumber } from './support/whole-number';

export const description =
  'a second of video from files to file, fast and thorough, and the steps of thorough in PyTorch [--driver FILE] [--look FILE] [--frames N] [--every N] [--backends A,B] [--presets A,B] [--no-pytorch]';

/** The part of the report of `faceanim animate --report` that is shown. */
interface Report {
  readonly driverFrames: number;
  readonly outputFrames: number;
  readonly stepsTaken: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly following: { readonly mouth: Followed; readonly eyes: Followed };
}

/** Without values where there is no motion to compare. */
interface Followed {
  readonly correlation?: number;
  readonly slope?: number;
}

const execute = promisify(execFile);
const cli = join(import.meta.dirname, '../packages/cli/bin/faceanim.js');

/** Every run is a separate process, timed from start to end. */
export async function run({ args, log }: BenchmarkContext) {
  const { values } = parseArgs({
    args,
    options: {
      driver: { type: 'string', default: '../shared/media/driver-talk.mp4' },
      look: { type: 'string', default: '../shared/media/look-03.png' },
      frames: { type: 'string', default: '13' },
      every: { type: 'string', default: '2' },
      backends: { type: 'string', default: 'wasm' },
      presets: { type: 'string', default: 'fast,thorough' },
      'no-pytorch': { type: 'boolean', default: false },
    },
  });
  const frames = wholeNumber('frames', values.frames, 2);
  const rows: object[] = [];
  for (const backend of values.backends.split(',')) {
    for (const preset of values.presets.split(',')) {
      log(`${preset} on ${backend}`);
      rows.push({ how: preset, backend, ...(await animate({ ...values, backend, preset })) });
    }
  }
  if (!values['no-pytorch']) {
    const steps = 300 + 50 * (frames - 1);
    log(`${steps} steps in PyTorch`);
    // The runs above took minutes, and are shown without PyTorch as well.
    const seconds = await pytorchSteps(steps).catch((error: Error) => {
      log(`${pythonCommand()} did not run them: ${error.message.trim().split('\n').at(-1)}`);
    });
    if (seconds !== undefined) rows.push({ how: 'steps of thorough', backend: 'pytorch', steps, seconds });
  }
  return { video: rows };
}

async function animate(
  options: Record<'driver' | 'look' | 'frames' | 'every' | 'backend' | 'preset', string>,
) {
  const folder = await mkdtemp(join(tmpdir(), 'faceanim-video-'));
  const report = join(folder, 'report.json');
  const { driver, look, frames, every, backend, preset } = options;
  const flags = Object.entries({
    driver,
    look,
    every,
    backend,
    preset,
    limit: frames,
    report,
  });
  try {
    const started = performance.now();
    await execute(process.execPath, [
      cli,
      'animate',
      '--quiet',
      ...['--out', join(folder, 'out.mp4')],
      ...flags.flatMap(([name, value]) => [`--${name}`, value]),
    ]);
    const seconds = round((performance.now() - started) / 1000, 1);
    const {
      stepsTaken: steps,
      outputFrames,
      following,
      losses,
    } = JSON.parse(await readFile(report, 'utf8')) as Report;
    const followed = ({ correlation, slope }: Followed) =>
      correlation === undefined || slope === undefined
        ? 'still'
        : `${round(correlation, 2)} / ${round(slope, 2)}`;
    const { mouth, eyes } = following;
    return {
      ...{ steps, seconds, outputFrames, lpips: round(losses.lpips!, 3), objective: round(losses.total!, 3) },
      ...{ mouth: followed(mouth), eyes: followed(eyes) },
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Iterations on the avatar pack only, without reading or writing video. Includes the start of Python, as that of Node. */
async function pytorchSteps(steps: number): Promise<number> {
  const script = join(import.meta.dirname, 'torch/iteration.py');
  const avatar = join(import.meta.dirname, '../packages/models/assets/avatar');
  const started = performance.now();
  await execute(pythonCommand(), [
    script,
    JSON.stringify({ avatar }),
    '--iterations',
    String(steps),
    '--no-parts',
  ]);
  return round((performance.now() - started) / 1000, 1);
}

const round = (value: number, digits: number) => Number(value.toFixed(digits));
