import { counted } from '../terminal/counted';
import { formatSeconds } from '../terminal/progress';
import { formatStep } from './estimate';
import type { Agreement } from './follow';
import type { AnimateReport } from './report';

/** What a finished run tells on standard output. */
export function summary(report: AnimateReport): string {
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
