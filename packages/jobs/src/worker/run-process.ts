import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { FaceanimError, fromWire, throwIfAborted, type WireError } from '@faceanim/tensor/errors';
import type { JobProgress } from '../job-info';
import type { RunJob } from './options';

/** Options of {@link runProcess}. */
export interface ProcessOptions {
  /** The program and its first arguments. Default `faceanim`, from the path. */
  readonly command?: readonly string[] | undefined;
  /** Environment of the process. Default: that of this one. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Seconds after which a process that does not end when it is asked to is killed; its finished frames are safe. Default 60. */
  readonly grace?: number | undefined;
}

/** What `faceanim animate --progress json` writes, a line each. */
type Line =
  | ({ readonly event: 'progress' } & JobProgress)
  | { readonly event: 'log' | 'warning'; readonly message: string }
  | { readonly event: 'error'; readonly error: WireError };

/**
 * Runs jobs as processes of the command-line program, so that a crash, a lost device or too little memory costs one try and
 * not the worker. A process ends within a step when its worker is killed, since nobody reads its progress any more.
 *
 * A `device` is passed on as `CUDA_VISIBLE_DEVICES`.
 */
export function runProcess({ command = ['faceanim'], env, grace = 60 }: ProcessOptions = {}): RunJob {
  const [program, ...first] = command;
  return async ({ folder, args, device }, { signal, onProgress, onWarning }) => {
    throwIfAborted(signal);
    const child = spawn(
      program!,
      [...first, 'animate', '--resume', '--overwrite', '--progress=json', ...args],
      {
        cwd: folder,
        env: { ...(env ?? process.env), ...(device === undefined ? {} : { CUDA_VISIBLE_DEVICES: device }) },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    const stopKilling = endWith(child, signal, grace * 1000);
    const ended = new Promise<{ code: number | null; by: NodeJS.Signals | null }>((resolve, reject) => {
      child.once('error', (cause) => reject(notStarted(program!, cause)));
      child.once('exit', (code, by) => resolve({ code, by }));
    });
    let error: Error | undefined;
    const text: string[] = [];
    const read = async () => {
      for await (const line of createInterface({ input: child.stderr })) {
        const told = parse(line);
        if (!told) text.push(line);
        else if (told.event === 'progress') {
          const { event: _, ...progress } = told;
          onProgress(progress);
        } else if (told.event === 'warning') onWarning(told.message);
        else if (told.event === 'error') error = fromWire(told.error);
        // The end of what a crashing program says is enough.
        text.splice(0, text.length - 40);
      }
    };
    try {
      const [{ code, by }] = await Promise.all([ended, read()]);
      if (code === 0) return;
      throwIfAborted(signal);
      // Somebody else ended it.
      if (FaceanimError.isInstance(error, 'aborted')) throw crash(code, by ?? 'SIGTERM', text);
      throw error ?? crash(code, by, text);
    } finally {
      stopKilling();
    }
  };
}

/** Asks a process to end when a signal fires, and kills it if it does not. */
function endWith(
  child: ChildProcessByStdio<null, null, Readable>,
  signal: AbortSignal,
  grace: number,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    child.kill('SIGTERM');
    timer = setTimeout(() => child.kill('SIGKILL'), grace);
  };
  signal.addEventListener('abort', end, { once: true });
  return () => {
    signal.removeEventListener('abort', end);
    clearTimeout(timer);
  };
}

function parse(line: string): Line | undefined {
  if (!line.startsWith('{"event":')) return undefined;
  try {
    return JSON.parse(line) as Line;
  } catch {
    // A line that was cut off when the process died.
    return undefined;
  }
}

function notStarted(program: string, cause: Error): FaceanimError {
  return new FaceanimError('io', `${program} could not be started: ${cause.message}.`, {
    cause,
    hint: 'Run: npm install @faceanim/cli, or pass its command.',
  });
}

/** The error of a process that ended without one. */
function crash(code: number | null, by: NodeJS.Signals | null, text: readonly string[]): FaceanimError {
  const all = text.join('\n');
  const last = text.findLast((line) => /\S/.test(line) && !/^\s+at |^Node\.js v/.test(line));
  // Flags that are refused before the run begins.
  const usage = text.find((line) => line.startsWith('error: '));
  if (code === 2 && usage) return new FaceanimError('invalid-option', usage.slice('error: '.length));
  // The system kills whoever takes the last memory; V8 ends itself.
  if (by === 'SIGKILL' || /heap out of memory|Allocation failed/.test(all)) {
    return new FaceanimError(
      'out-of-memory',
      'The process of the job was killed: it probably took too much memory.',
      {
        hint: 'Pass low-memory, use a smaller generator, run fewer jobs at a time, or a larger machine.',
      },
    );
  }
  const how = by ? `by ${by}` : `with code ${code}`;
  return new FaceanimError(
    'crashed',
    `The process of the job ended ${how}${last ? `: ${last.trim()}` : '.'}`,
  );
}
