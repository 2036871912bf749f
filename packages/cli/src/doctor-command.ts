import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { BackendName } from '@faceanim/core';
import type { Command } from 'commander';

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
    .option('--backend <name>', 'only this one')
    .option('--allow-software', 'also GPU backends on a software adapter')
    .option('--json', 'print the findings as JSON')
    .action(async (options: DoctorOptions) => {
      const findings = options.backend
        ? [await diagnose(options.backend, options)]
        : await diagnoseAll(options, signal);
      process.stdout.write(options.json ? `${JSON.stringify(findings)}\n` : report(findings));
    });
}

interface DoctorOptions {
  backend?: BackendName;
  allowSoftware?: boolean;
  json?: boolean;
}

/** Each backend in a process of its own: what crashes or cannot share a process with another spoils nothing else. */
async function diagnoseAll({ allowSoftware }: DoctorOptions, signal: AbortSignal): Promise<Diagnosis[]> {
  const { backendNames } = await import('@faceanim/backend-node');
  const findings: Diagnosis[] = [];
  for (const backend of backendNames) {
    process.stderr.write(`testing ${backend} …\n`);
    const flags = ['--backend', backend, '--json', ...(allowSoftware ? ['--allow-software'] : [])];
    findings.push(await inProcess(backend, flags, signal));
  }
  return findings;
}

async function inProcess(backend: BackendName, flags: string[], signal: AbortSignal): Promise<Diagnosis> {
  const args = [...process.execArgv, process.argv[1]!, 'doctor', ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], signal });
  const exit = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, by) => resolve(by ? `signal ${by}` : `code ${code}`));
  });
  const [how, output, errors] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  const json = output.split('\n').findLast((line) => line.startsWith('['));
  if (json) return (JSON.parse(json) as Diagnosis[])[0]!;
  const last = errors.trim().split('\n').at(-1) ?? '';
  const fix = 'Use another backend; update the driver of the GPU.';
  return { backend, problem: `its process ended with ${how}. ${last}`, fix };
}

async function diagnose(prefer: BackendName, { allowSoftware }: DoctorOptions): Promise<Diagnosis> {
  const { openBackend } = await import('@faceanim/backend-node');
  const { FaceanimError } = await import('@faceanim/core');
  const { avatarPack } = await import('@faceanim/models');
  const { measureIteration } = await import('./measure-iteration');
  try {
    await using backend = await openBackend({ prefer, allowSoftware });
    using pack = await avatarPack();
    const msPerIteration = await measureIteration(pack, { iterations: 6, maxMs: 6000 });
    return { backend: prefer, description: backend.description, msPerIteration };
  } catch (error) {
    if (!FaceanimError.isInstance(error) || error.code === 'invalid-option') throw error;
    return { backend: prefer, problem: error.message, fix: error.hint };
  }
}

function report(findings: readonly Diagnosis[]): string {
  const rows = findings.map(({ backend, description, msPerIteration }) => [
    backend,
    description ?? '–',
    msPerIteration === undefined ? '' : `${msPerIteration.toFixed(0)} ms`,
  ]);
  const table = columns([['backend', 'runs on', 'one iteration'], ...rows]);
  const problems = findings
    .filter(({ problem }) => problem)
    .map(({ problem, fix }) => `${problem}\n  ${fix ?? ''}`.trimEnd());
  const best = findings.find(({ description }) => description)?.backend;
  const choice = best ? `Used by default: ${best}` : 'No backend comes up.';
  return [table, '', choice, ...(problems.length > 0 ? ['', ...problems] : []), ''].join('\n');
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
