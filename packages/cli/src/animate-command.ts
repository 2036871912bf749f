import { fileURLToPath } from 'node:url';
import type { BackendName } from '@faceanim/core';
import { animate } from './animate';
import type { AnimateOptions } from './animate-options';
import type { AnimateReport } from './animate-report';
import { createReporter, formatSeconds } from './progress';

interface Around {
  quiet?: boolean;
  signal?: AbortSignal;
}

/** `faceanim animate`. */
export async function animateCommand(options: AnimateOptions, { quiet, signal }: Around): Promise<void> {
  process.stdout.write(summary(await animateWithBars(options, { quiet, signal })));
}

/** `faceanim demo`: the bundled look and driver, with few frames and steps. */
export async function demoCommand(
  { out, frames = 12, stepsFirst = 40, stepsNext = 8, backend, json }: DemoOptions,
  { signal }: Around,
): Promise<void> {
  const driver = fileURLToPath(new URL('../assets/demo-driver.webp', import.meta.url));
  const look = fileURLToPath(new URL('../assets/demo-look.png', import.meta.url));
  process.stdout.write(
    `Animating the bundled look by ${frames} frames of the bundled driver: ${stepsFirst} steps for the first frame and ` +
      `${stepsNext} for each later one, the first module of the landmark network.\n`,
  );
  const settings = { limit: frames, stepsFirst, stepsNext, fanModules: 1 };
  const options = { driver, look, out, backend, json, ...settings };
  const report = await animateWithBars(options, { signal });
  process.stdout.write(
    `${summary(report)}\nBetter and longer: npm run demo -- --frames 25 --steps-first 100 --steps-next 20\n` +
      'Your own:          npx faceanim animate --look look.png --driver clip.mp4 --out out.mp4\n',
  );
}

interface DemoOptions {
  out: string;
  frames?: number;
  stepsFirst?: number;
  stepsNext?: number;
  backend?: BackendName;
  json?: string;
}

async function animateWithBars(options: AnimateOptions, { quiet, signal }: Around): Promise<AnimateReport> {
  const reporter = createReporter({ quiet });
  try {
    return await animate(options, { signal, onProgress: reporter.progress, log: reporter.log });
  } finally {
    reporter.stop();
  }
}

function summary(report: AnimateReport): string {
  const { following, losses, driverFrames, outputFrames, stepsTaken, seconds, msPerStep } = report;
  const look = losses.lpips === undefined ? '' : `; LPIPS to the look ${losses.lpips.toFixed(3)} on average`;
  return [
    '',
    `${driverFrames} driver frames, ${outputFrames} output frames, ${stepsTaken} steps in ${formatSeconds(seconds)} (${msPerStep.toFixed(0)} ms a step).`,
    `Mouth follows the driver with correlation ${following.mouth.correlation.toFixed(3)} and slope ${following.mouth.slope.toFixed(2)}${look}.`,
    `  animation      ${report.out}`,
    `  contact sheet  ${report.contactSheet}`,
    `  loss curve     ${report.lossCurve}`,
    `  latents        ${report.latents}`,
    '',
  ].join('\n');
}
