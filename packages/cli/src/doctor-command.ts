import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { type BackendName, throwIfAborted } from '@faceanim/tensor';
import { type Command, Option } from 'commander';
import { backendChoices, sharedOptions } from './options';
import { refuseUseless, uselessSoftware } from './useless-flags';

/** What was found out about one backend. */
export interface Diagnosis {
  readonly backend: BackendName;
  /** What it runs on, if it came up. */
  readonly description?: string;
  /** Milliseconds of one iteration with the bundled networks. */
  readonly msPerIteration?: number;
  /** Why it did not come up, and what to do about it. */
  readonly problem?: string;
  readonly fix?: string;
}

/** Adds `faceanim doctor`. */
export function addDoctor(program: Command, signal: AbortSignal): void {
  program
    .command('doctor')
    .description('which tensor backends come up here, why others do not, and how fast each is')
    .addOption(sharedOptions.backend)
    .addOption(sharedOptions.allowSoftware)
    .option('--json', 'print the findings as JSON')
    .addOption(new Option('--here', 'in this process').hideHelp())
    .action(async (options: DoctorOptions) => {
      refuseUseless([uselessSoftware], options);
      const findings = options.here ? [await diagnose(options, signal)] : await diagnoseAll(options, signal);
      process.stdout.write(options.json ? `${JSON.stringify(findings)}\n` : report(findings, options));
    });
}

interface DoctorOptions {
  backend?: BackendName;
  allowSoftware?: boolean;
  json?: boolean;
  here?: boolean;
}

/**
 * Each backend in a process of its own: what crashes or cannot share a process with another spoils nothing else, and
 * Ctrl-C need not wait for a slow step.
 */
async function diagnoseAll(options: DoctorOptions, signal: AbortSignal): Promise<Diagnosis[]> {
  const findings: Diagnosis[] = [];
  for (const backend of options.backend ? [options.backend] : backendChoices) {
    process.stderr.write(`testing ${backend} …\n`);
    // On a software adapter only webgpu can run.
    const software = options.allowSoftware && backend === 'webgpu' ? ['--allow-software'] : [];
    findings.push(await inProcess(backend, ['--here', '--backend', backend, '--json', ...software], signal));
  }
  return findings;
}

async function inProcess(backend: BackendName, flags: string[], signal: AbortSignal): Promise<Diagnosis> {
  throwIfAborted(signal);
  const args = [...process.execArgv, process.argv[1]!, 'doctor', ...flags];
  const stdio = ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'];
  const child = spawn(process.execPath, args, { stdio, signal, killSignal: 'SIGKILL' });
  const exit = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('exit', (code, by) => resolve(by ? `signal ${by}` : `code ${code}`));
  });
  const [how, output, errors] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  throwIfAborted(signal);
  const json = output.split('\n').findLast((line) => line.startsWith('['));
  if (json) return (JSON.parse(json) as Diagnosis[])[0]!;
  const last = errors.trim().split('\n').at(-1) ?? '';
  const fix = 'Use another backend; update the driver of the GPU.';
  return { backend, problem: `its process ended with ${how}. ${last}`, fix };
}

async function diagnose(
  { backend: prefer, allowSoftware }: DoctorOptions,
  signal: AbortSignal,
): Promise<Diagnosis> {
  const { openBackend } = await import('@faceanim/backend-node');
  const { FaceanimError } = await import('@faceanim/core');
  const { avatarPack } = await import('@faceanim/models');
  const { measureIteration } = await import('./measure-iteration');
  try {
    await using backend = await openBackend({ prefer, allowSoftware, signal });
    using pack = await avatarPack({ signal });
    const msPerIteration = await measureIteration(pack, { iterations: 6, maxMs: 6000, signal });
    return { backend: backend.name, description: backend.description, msPerIteration };
  } catch (error) {
    if (!prefer || !FaceanimError.isInstance(error) || error.code === 'aborted') throw error;
    return { backend: prefer, problem: error.message, fix: error.hint };
  }
}

function report(findings: readonly Diagnosis[], { backend }: DoctorOptions): string {
  const rows = findings.map(({ backend, description, msPerIteration }) => [
    backend,
    description ?? '–',
    msPerIteration === undefined ? '' : `${msPerIteration.toFixed(0)} ms`,
  ]);
  const table = columns([['backend', 'runs on', 'one iteration'], ...rows]);
  const problems = findings
    .filter(({ problem }) => problem)
    .map(({ problem, fix }) => `${problem}\n  ${fix ?? ''}`.trimEnd());
  // Whoever asks for one backend is told about no others.
  if (backend) return [table, ...(problems.length > 0 ? ['', ...problems] : []), ''].join('\n');
  const best = findings.find(({ description }) => description)?.backend;
  const choice = best ? `Used by default: ${best}` : 'No backend comes up.';
  const others =
    problems.length > 0 ? ['', 'The others, fastest first, and how to get them:', ...problems] : [];
  return [table, '', choice, ...others, ''].join('\n');
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
