import type { ProgressEvent } from '@faceanim/core';
import cliProgress from 'cli-progress';

/** Shows how a run goes. */
export interface Reporter {
  /** One line of news above the bars. */
  log(line: string): void;
  progress(event: ProgressEvent): void;
  /** Takes the bars away. */
  stop(): void;
}

const stages: Record<ProgressEvent['stage'], string> = {
  load: 'loading',
  fit: 'fitting the encoder',
  track: 'finding the face',
  statistics: 'latent statistics',
  optimize: 'optimising',
  render: 'rendering',
  write: 'writing',
};

/** Two live bars, overall and frame, on a terminal; a line per frame elsewhere; nothing with `quiet`. */
export function createReporter({ quiet = false, stream = process.stderr } = {}): Reporter {
  if (quiet) return { log: () => {}, progress: () => {}, stop: () => {} };
  return stream.isTTY ? liveReporter(stream) : lineReporter(stream);
}

function liveReporter(stream: NodeJS.WriteStream): Reporter {
  const bars = new cliProgress.MultiBar(
    {
      stream,
      format: '{name} {bar} {percentage}% | {detail}',
      barsize: 28,
      hideCursor: true,
      clearOnComplete: false,
      gracefulExit: false,
    },
    cliProgress.Presets.shades_classic,
  );
  const overall = bars.create(1000, 0, { name: 'run  ', detail: '' });
  const frame = bars.create(1, 0, { name: 'frame', detail: '' });
  return {
    log: (line) => bars.log(`${line}\n`),
    progress: (event) => {
      if (event.stage !== 'optimize') {
        const detail = stages[event.stage];
        if (event.stage === 'fit') overall.update(Math.round((event.fraction ?? 0) * 1000), { detail });
        else overall.update({ detail });
        return;
      }
      const { fraction, etaSeconds, steps, step = 0, frame: index = 0, frames, losses } = event;
      const left = etaSeconds === undefined ? '' : `, ${formatSeconds(etaSeconds)} left`;
      overall.update(Math.round((fraction ?? 0) * 1000), {
        detail: `frame ${index + 1}${frames ? ` of ${frames}` : ''}${left}`,
      });
      if (steps) {
        frame.setTotal(steps);
        frame.update(step + 1, { detail: `step ${step + 1} of ${steps}, ${formatLosses(losses)}` });
      }
    },
    stop: () => bars.stop(),
  };
}

function lineReporter(stream: NodeJS.WriteStream): Reporter {
  let shown = -1;
  let tenths = 0;
  return {
    log: (line) => stream.write(`${line}\n`),
    progress: ({ stage, fraction = 0, frame = 0, frames, step, steps, etaSeconds, losses }) => {
      if (stage === 'fit' && Math.floor(10 * fraction) > tenths) {
        tenths = Math.floor(10 * fraction);
        stream.write(`${stages.fit}: ${10 * tenths} %\n`);
      }
      if (stage !== 'optimize' || step === undefined || step + 1 !== steps || frame === shown) return;
      shown = frame;
      const left = etaSeconds === undefined ? '' : `, ${formatSeconds(etaSeconds)} left`;
      stream.write(`frame ${frame + 1}${frames ? ` of ${frames}` : ''}: ${formatLosses(losses)}${left}\n`);
    },
    stop: () => {},
  };
}

/** `75` to `1 min 15 s`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function formatLosses(losses: Readonly<Record<string, number>> = {}): string {
  return Object.entries(losses)
    .map(([name, value]) => `${name} ${value.toPrecision(3)}`)
    .join(' ');
}
