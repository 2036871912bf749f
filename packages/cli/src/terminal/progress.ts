import type { ProgressEvent } from '@faceanim/core';
import cliProgress from 'cli-progress';
import { counted } from './counted';
import { formatSeconds } from './durations';
import { jsonReporter } from './json-reporter';
import { printable } from './printable';
import type { Reporter } from './reporter';

const stages: Record<ProgressEvent['stage'], string> = {
  load: 'loading',
  fit: 'fitting the encoder',
  locate: 'finding the face of the look',
  track: 'finding the face',
  statistics: 'latent statistics',
  look: 'projecting the look',
  optimize: 'optimising',
  refine: 'refining',
  render: 'rendering',
  write: 'writing',
};

/** Without a terminal, an event after this much silence is printed. */
export const msBetweenLines = 10_000;

/** Options of {@link createReporter}. */
interface ReporterOptions {
  quiet?: boolean;
  /** Lines of JSON for programs. Default: text for people. */
  format?: 'json';
  stream?: NodeJS.WriteStream;
  /** The stage whose progress the main bar shows. Default `optimize`, which has a second bar for the steps of a frame. */
  main?: ProgressEvent['stage'];
}

/** Bars on a terminal, a line per stage and frame elsewhere, only warnings with `quiet`, or lines of JSON. */
export function createReporter({
  quiet = false,
  format,
  stream = process.stderr,
  main = 'optimize',
}: ReporterOptions = {}): Reporter {
  if (format) return jsonReporter(stream);
  if (quiet) {
    const warn = (line: string) => void stream.write(`${shown(line)}\n`);
    return { log: () => {}, warn, progress: () => {}, stop: () => {} };
  }
  return stream.isTTY ? liveReporter(stream, main) : lineReporter(stream, main);
}

/** Text may quote names from a hostile file. The line breaks are our own. */
function shown(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** Options of every bar; each update may set the `name` and the `detail` that it shows. */
export function barStyle(stream: NodeJS.WriteStream): cliProgress.Options {
  return {
    ...cliProgress.Presets.shades_classic,
    stream,
    format: '{name} {bar} {percentage}% | {detail}',
    barsize: 28,
    hideCursor: true,
    clearOnComplete: false,
    gracefulExit: false,
  };
}

function liveReporter(stream: NodeJS.WriteStream, main: ProgressEvent['stage']): Reporter {
  const bars = new cliProgress.MultiBar(barStyle(stream));
  const overall = bars.create(1000, 0, { name: 'run  ', detail: '' });
  const frame = main === 'optimize' ? bars.create(1, 0, { name: 'frame', detail: '' }) : undefined;
  const log = (line: string) => bars.log(`${shown(line)}\n`);
  return {
    log,
    warn: log,
    progress: (event) => {
      const { stage, fraction = 0, steps, step, losses } = event;
      const detail = stage === 'optimize' ? `${frameOf(event)}${left(event)}` : describeEvent(event);
      // Other stages do not move the bar.
      if (stage === main) overall.update(Math.round(fraction * 1000), { detail });
      else overall.update({ detail });
      if (stage !== 'optimize' || !steps || !frame) return;
      frame.setTotal(steps);
      if (step === undefined) frame.update(0, { detail: counted(steps, 'step') });
      else frame.update(step + 1, { detail: `step ${step + 1} of ${steps}, ${formatLosses(losses)}` });
    },
    stop: () => bars.stop(),
  };
}

function lineReporter(stream: NodeJS.WriteStream, main: ProgressEvent['stage']): Reporter {
  const begun = new Set<ProgressEvent['stage']>();
  let finished = -1;
  let written = performance.now();
  const write = (line: string) => {
    written = performance.now();
    stream.write(`${shown(line)}\n`);
  };
  return {
    log: write,
    warn: write,
    progress: (event) => {
      const { stage, frame = 0, step, steps, losses } = event;
      const announced = isAnnounced(event, main);
      const last = step !== undefined && step + 1 === steps;
      if (stage === 'look' && last) {
        write(`the look: ${formatLosses(losses)}${left(event)}`);
      } else if (stage === 'optimize' && last && frame > finished) {
        finished = frame;
        write(`${frameOf(event)}: ${formatLosses(losses)}${left(event)}`);
      } else if ((announced && !begun.has(stage)) || performance.now() - written >= msBetweenLines) {
        write(describeEvent(event));
      }
      if (announced) begun.add(stage);
    },
    stop: () => {},
  };
}

/**
 * Whether the first such event gets a line. A run renders frames while it optimises others, and has already said how many
 * an earlier run has finished.
 */
function isAnnounced({ stage, steps }: ProgressEvent, main: ProgressEvent['stage']): boolean {
  return stage === 'optimize' ? steps !== undefined : stage !== 'render' || main === 'render';
}

/** `latent statistics, 40 %`; `frame 1 of 25, step 3 of 60, 2 min left`. */
export function describeEvent(event: ProgressEvent): string {
  const { stage, frame, step, steps, fraction } = event;
  if (stage === 'optimize') {
    if (steps === undefined) return `${frameOf(event)} was already finished${left(event)}`;
    const where = step === undefined ? counted(steps, 'step') : `step ${step + 1} of ${steps}`;
    return `${stages.optimize} ${frameOf(event)}, ${where}${left(event)}`;
  }
  const share = fraction ? `, ${Math.round(100 * fraction)} %` : '';
  const what = frame === undefined ? share : `, ${frameOf(event)}`;
  return `${stages[stage]}${what}${left(event)}`;
}

/** The frame of the run, and that of the driver if its number differs: `frame 2 of 25 (driver frame 105)`. */
function frameOf({ frame = 0, position = frame, frames }: ProgressEvent): string {
  const which = `frame ${position + 1}${frames ? ` of ${frames}` : ''}`;
  return position === frame ? which : `${which} (driver frame ${frame})`;
}

/** Says nothing about the last second: what follows the last step is not in the estimate. */
function left({ etaSeconds = 0 }: ProgressEvent): string {
  return etaSeconds < 1 ? '' : `, ${formatSeconds(etaSeconds)} left`;
}

function formatLosses(losses: Readonly<Record<string, number>> = {}): string {
  return Object.entries(losses)
    .map(([name, value]) => `${name} ${value.toPrecision(3)}`)
    .join(' ');
}
