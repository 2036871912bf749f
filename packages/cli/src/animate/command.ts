import { isStdout } from '../files/stdout';
import { commandLine } from '../terminal/command-line';
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
  const text =
    options.part === undefined
      ? summary(await animateWithBars(options, context))
      : partSummary(await withBars(context, (hooks) => animatePart(options, hooks)));
  print(options, text);
}

/** Prints to standard output, or to standard error if `--json -` takes it. */
export function print({ json }: { json?: string }, text: string): void {
  (isStdout(json) ? process.stderr : process.stdout).write(text);
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
