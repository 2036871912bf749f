import { probeVideo } from '@faceanim/media';
import { FaceanimError } from '@faceanim/tensor';
import { demoDriver, demoLook } from '../assets';
import type { BackendFlags } from '../networks/backend';
import { readRun } from '../run/record';
import { commandLine } from '../terminal/command-line';
import { counted } from '../terminal/counted';
import { animateWithBars, type CommandContext, print } from './command';
import { runFolderOf } from './plan-outputs';
import { summary } from './summary';

/** `faceanim demo`: animates the bundled look with the bundled driver, in few frames and steps. */
export async function demoCommand(
  {
    limit: wanted = 12,
    stepsLook = 30,
    stepsFirst = 12,
    stepsNext = 8,
    out = 'out/demo.webp',
    ...rest
  }: DemoOptions,
  context: CommandContext,
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
  const options = { driver: demoDriver, look: demoLook, out, ...rest, ...settings };
  // A demo may replace what an earlier demo has made.
  const { record } = await readRun(runFolderOf(options));
  const fresh = !rest.resume && record?.command === 'demo';
  const report = await animateWithBars({ ...options, fresh }, context).catch(withDemoFlags);
  const better = commandLine('demo --limit 25 --steps-look 100 --steps-next 20'.split(' '));
  const own = commandLine('animate --look look.png --driver clip.mp4 --out out.mp4'.split(' '));
  print(rest, `${summary(report)}\nLonger and better:  ${better}\nWith your own files: ${own}\n`, report);
}

/** A demo has no `--fresh`: it replaces an earlier one unless it resumes it. */
function withDemoFlags(error: unknown): never {
  if (!FaceanimError.isInstance(error, 'resume-mismatch')) throw error;
  const hint = 'Resume with the flags of the first demo, or leave out --resume to replace it.';
  const { message, file, frame } = error;
  throw new FaceanimError('resume-mismatch', message, { file, frame, hint, cause: error });
}

interface DemoOptions extends BackendFlags {
  out?: string;
  limit?: number;
  stepsLook?: number;
  stepsFirst?: number;
  stepsNext?: number;
  overwrite?: boolean;
  aiTag?: boolean;
  report?: string;
  json?: boolean;
  resume?: boolean;
}
