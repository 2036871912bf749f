import { counted } from '../terminal/counted';
import { formatSeconds, formatStep } from '../terminal/durations';
import type { Agreement } from './follow';
import type { PartReport } from './part';
import type { AnimateReport } from './report';

/** The text that ends a run. */
export function summary(report: AnimateReport): string {
  const { following, losses, driverFrames, outputFrames, stepsTaken, seconds, msPerStep } = report;
  const pace = msPerStep === undefined ? '' : ` (${formatStep(msPerStep)} per step)`;
  const lines = [
    '',
    `${counted(driverFrames, 'driver frame')}, ${counted(outputFrames, 'output frame')}, ${counted(stepsTaken, 'step')} in ${formatSeconds(seconds)}${pace}.`,
    following && describeMouth(following.mouth),
    losses.lpips !== undefined && `Mean LPIPS to the look: ${losses.lpips.toFixed(3)}.`,
    `  animation      ${report.out}`,
    report.contactSheet && `  contact sheet  ${report.contactSheet}`,
    report.page && `  report         ${report.page}`,
    report.lossCurve && `  loss curve     ${report.lossCurve}`,
    `  latents        ${report.latents}`,
    '',
  ];
  return lines.filter((line) => typeof line === 'string').join('\n');
}

/** The text that ends the work on a run in parts. */
export function partSummary({ run, parts, part }: PartReport): string {
  if (!part) return `${run} is prepared: ${counted(parts, 'part')}.\n`;
  const { number, start, end } = part;
  return `Part ${number} of ${parts} is finished: frames ${start} to ${end - 1}, in ${run}.\n`;
}

/** How well the mouth follows, or why that is not known. */
function describeMouth({ target, result, correlation, slope, unknown }: Agreement): string {
  if (correlation !== undefined && slope !== undefined) {
    return `The mouth follows its target with correlation ${correlation.toFixed(3)} and slope ${slope.toFixed(2)}.`;
  }
  const why =
    unknown === 'few frames'
      ? 'Too few frames to tell how well the mouth follows'
      : 'The mouth has nothing to follow';
  const means = `mean opening ${result.toFixed(2)}, the target's ${target.toFixed(2)}`;
  return `${why}: ${means} (1 is the distance between the outer corners of the eyes).`;
}
