import { fileURLToPath } from 'node:url';
import { probeVideo } from '@faceanim/media';
import type { BackendName } from '@faceanim/tensor';
import { animate } from './animate';
import type { AnimateOptions } from './animate-options';
import { runFolderOf } from './animate-plan';
import type { AnimateReport } from './animate-report';
import { commandLine } from './command-line';
import { counted } from './counted';
import { formatStep } from './estimate';
import type { Agreement } from './follow';
import { isStdout } from './outputs';
import { createReporter, formatSeconds } from './progress';
import { readRun } from './run-record';

interface Around {
  quiet?: boolean;
  signal: AbortSignal;
  /** The words of the command line. */
  argv: readonly string[];
}

/** `faceanim animate`. */
export async function animateCommand(options: AnimateOptions, around: Around): Promise<void> {
  tell(options, summary(await animateWithBars(options, around)));
}

/** `faceanim demo`: the bundled look and driver, with few frames and steps. */
export async function demoCommand(
  { frames: wanted = 12, stepsFirst = 40, stepsNext = 8, ...rest }: DemoOptions,
  around: Around,
): Promise<void> {
  const driver = fileURLToPath(new URL('../assets/demo-driver.webp', import.meta.url));
  const look = fileURLToPath(new URL('../assets/demo-look.png', import.meta.url));
  const { frames: all = wanted } = await probeVideo(driver);
  const frames = Math.min(wanted, all);
  if (frames < wanted) tell(rest, `The bundled driver has ${all} frames: these are all that is taken.\n`);
  tell(
    rest,
    `Animating the bundled look by ${counted(frames, 'frame')} of the bundled driver: ${counted(stepsFirst, 'step')} for the first frame and ` +
      `${stepsNext} for each later one, the first module of the landmark network.\n`,
  );
  const settings = { limit: frames, stepsFirst, stepsNext, fanModules: 1, command: 'demo' } as const;
  const options = { driver, look, ...rest, ...settings };
  // What a demo has made the next one may replace.
  const { record } = await readRun(runFolderOf(options));
  const fresh = !rest.resume && record?.command === 'demo';
  const report = await animateWithBars({ ...options, fresh }, around);
  const better = commandLine('demo --frames 25 --steps-first 100 --steps-next 20'.split(' '));
  const own = commandLine('animate --look look.png --driver clip.mp4 --out out.mp4'.split(' '));
  tell(rest, `${summary(report)}\nBetter and longer: ${better}\nYour own:          ${own}\n`);
}

interface DemoOptions {
  out: string;
  frames?: number;
  stepsFirst?: number;
  stepsNext?: number;
  overwrite?: boolean;
  backend?: BackendName;
  json?: string;
  resume?: boolean;
}

/** Prints where a report that goes to standard output does not. */
function tell({ json }: { json?: string }, text: string): void {
  (isStdout(json) ? process.stderr : process.stdout).write(text);
}

async function animateWithBars(
  options: AnimateOptions,
  { quiet, signal, argv }: Around,
): Promise<AnimateReport> {
  const { progress: onProgress, log, warn, stop } = createReporter({ quiet });
  const resumeCommand = commandLine([
    ...argv.filter((word) => word !== '--resume' && word !== '--fresh'),
    '--resume',
  ]);
  try {
    return await animate(options, { signal, onProgress, log, warn, resumeCommand });
  } finally {
    stop();
  }
}

function summary(report: AnimateReport): string {
  const { following, losses, driverFrames, outputFrames, stepsTaken, seconds, msPerStep } = report;
  const pace = msPerStep === undefined ? '' : ` (${formatStep(msPerStep)} a step)`;
  const lines = [
    '',
    `${counted(driverFrames, 'driver frame')}, ${counted(outputFrames, 'output frame')}, ${counted(stepsTaken, 'step')} in ${formatSeconds(seconds)}${pace}.`,
    following && describeMouth(following.mouth),
    losses.lpips !== undefined && `LPIPS to the look ${losses.lpips.toFixed(3)} on average.`,
    `  animation      ${report.out}`,
    report.contactSheet && `  contact sheet  ${report.contactSheet}`,
    report.lossCurve && `  loss curve     ${report.lossCurve}`,
    `  latents        ${report.latents}`,
    '',
  ];
  return lines.filter((line) => typeof line === 'string').join('\n');
}

/** How well the mouth follows, or what is known where that cannot be said. */
function describeMouth({ driver, result, correlation, slope, unknown }: Agreement): string {
  if (correlation !== undefined && slope !== undefined) {
    return `Mouth follows the driver with correlation ${correlation.toFixed(3)} and slope ${slope.toFixed(2)}.`;
  }
  const why =
    unknown === 'few frames'
      ? 'Too few frames to tell how the mouth follows'
      : "The driver's mouth does not move";
  const open = `it is open by ${result.toFixed(2)} on average, that of the driver by ${driver.toFixed(2)}`;
  return `${why}: ${open} (in distances between the outer corners of the eyes).`;
}
