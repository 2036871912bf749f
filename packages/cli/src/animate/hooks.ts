import type { Reporter } from '../terminal/reporter';

/** How a run is stopped, watched and told about. */
export interface AnimateHooks {
  signal?: AbortSignal;
  onProgress?: Reporter['progress'];
  log?: (line: string) => void;
  /** Gets what the user must know, `log` what is nice to know. */
  warn?: (line: string) => void;
  /** The command line that started the run, for its report. */
  command?: string;
  /** The command line that resumes the run. */
  resumeCommand?: string;
}

/** The hooks of every part of a run. */
export type RunHooks = Pick<AnimateHooks, 'signal' | 'onProgress'> &
  Required<Pick<AnimateHooks, 'log' | 'warn'>>;
