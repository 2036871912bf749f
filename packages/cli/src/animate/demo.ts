import { probeVideo } from '@faceanim/media';
import type { BackendName } from '@faceanim/tensor';
import { demoDriver, demoLook } from '../assets';
import { readRun } from '../run/record';
import { commandLine } from '../terminal/command-line';
import { counted } from '../terminal/counted';
import { type Around, animateWithBars, print } from './command';
import { runFolderOf } from './plan-outputs';
import { summary } from './summary';

/** `faceanim demo`: animates the bundled look with the bundled driver, in few frames and steps. */
export async function demoCommand(
  { frames: wanted = 12, stepsLook = 30, stepsFirst = 12, stepsNext = 8, ...rest }: DemoOptions,
  around: Around,
): Promise<void> {
  const { frames: all = wanted } = await probeVideo(demoDriver);
  const frames = Math.min(wanted, all);
  if (frames < wanted) print(rest, `The bundled driver has only ${all} frames.\n`);
  print(
    rest,
    `Animating the bundled look with ${counted(frames, 'frame')} of the bundled driver: ${counted(stepsLook, 'step')} for the look, ` +
      `${stepsFirst} for the first frame, ${stepsNext} for each later one, one module of the landmark network.\n`,
  );
  const settings = {
    limit: frames,
    stepsLook,
    stepsFirst,
    stepsNext,
    fanModules: 1,
    command: 'demo',
  } as const;
  const options = { driver: demoDriver, look: demoLook, ...rest, ...settings };
  // A demo may replace what an earlier demo has made.
  const { record } = await readRun(runFolderOf(options));
  const fresh = !rest.resume && record?.command === 'demo';
  const report = await animateWithBars({ ...options, fresh }, around);
  const better = commandLine('demo --frames 25 --steps-look 100 --steps-next 20'.split(' '));
  const own = commandLine('animate --look look.png --driver clip.mp4 --out out.mp4'.split(' '));
  print(rest, `${summary(report)}\nLonger and better:  ${better}\nWith your own files: ${own}\n`);
}

interface DemoOptions {
  out: string;
  frames?: number;
  stepsLook?: number;
  stepsFirst?: number;
  stepsNext?: number;
  overwrite?: boolean;
  aiTag?: boolean;
  backend?: BackendName;
  /** Number of threads of WASM. */
  threads?: number;
  json?: string;
  resume?: boolean;
}
