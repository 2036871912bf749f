import type { ProgressEvent } from '@faceanim/core';

/** Shows how a run goes. */
export interface Reporter {
  /** Prints a line above the bars. */
  log(line: string): void;
  /** Prints a line even with `quiet`. */
  warn(line: string): void;
  progress(event: ProgressEvent): void;
  /** Says why the run ends, where the message that follows is not enough. */
  failed?(error: unknown): void;
  /** Fires when nobody reads the progress any more. */
  readonly unread?: AbortSignal;
  /** Ends the bars. */
  stop(): void;
}
