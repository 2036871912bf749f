import { commandLine } from '../terminal/command-line';
import { printableJson } from '../terminal/printable';
import { createReporter } from '../terminal/progress';
import { animate } from './animate';
import type { AnimateHooks } from './hooks';
import type { AnimateOptions } from './options';
import { animatePart } from './part';
import type { AnimateReport } from './report';
import { partSummary, summary } from './summary';

/** How a command was started, beside the options of its run. */
export interface CommandContext {
  quiet?: boolean;
  /** The format of the progress, if programs read it. */
  progress?: 'json';
  signal: AbortSignal;
  /** The words of the command line, to print how to resume. */
  argv: readonly string[];
}

/** `faceanim animate`. */
export async function animateCommand(options: AnimateOptions, context: CommandContext): Promise<void> {
  if (options.part === undefined) {
    const report = await animateWithBars(options, context);
    print(options, summary(report), report);
  } else {
    const report = await withBars(context, (hooks) => animatePart(options, hooks));
    print(options, partSummary(report), report);
  }
}

/** Prints a text; with `--json`, the report of the run, and the text to standard error. */
export function print({ json }: { json?: boolean }, text: string, report?: object): void {
  (json ? process.stderr : process.stdout).write(text);
  if (json && report) process.stdout.write(`${printableJson(report, 2)}\n`);
}

/** Runs {@link animate} under progress bars. */
export function animateWithBars(options: AnimateOptions, context: CommandContext): Promise<AnimateReport> {
  return withBars(context, (hooks) => animate(options, hooks));
}

async function withBars<T>(
  { quiet, progress: format, signal, argv }: CommandContext,
  work: (hooks: AnimateHooks) => Promise<T>,
): Promise<T> {
  const { progress: onProgress, log, warn, failed, unread, stop } = createReporter({ quiet, format });
  const words = argv.filter((word) => word !== '--resume' && word !== '--fresh');
  const [command, resumeCommand] = [commandLine(words), commandLine([...words, '--resume'])];
  const either = unread ? AbortSignal.any([signal, unread]) : signal;
  try {
    return await work({ signal: either, onProgress, log, warn, command, resumeCommand });
  } catch (error) {
    failed?.(error);
    throw error;
  } finally {
    stop();
  }
}
