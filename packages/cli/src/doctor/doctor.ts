import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { type BackendName, throwIfAborted } from '@faceanim/tensor';
import { backendChoices } from '../flags/shared';
import { benchReport } from './bench-report';
import { type Diagnosis, diagnose } from './diagnose';
import type { Findings } from './findings';
import { findingsTable } from './findings-table';
import { describeMachine } from './machine';
import { showTests } from './progress';

export interface DoctorOptions {
  backend?: BackendName;
  allowSoftware?: boolean;
  json?: boolean;
  bench?: boolean;
  /** Tests in this process. */
  here?: boolean;
  /** Tests only on matrix units. */
  matrixUnits?: boolean;
}

/** `faceanim doctor`: tests the backends and prints the findings. */
export async function doctorCommand(options: DoctorOptions, signal: AbortSignal): Promise<void> {
  const backends = options.here ? await diagnoseHere(options, signal) : await diagnoseAll(options, signal);
  const findings: Findings = { machine: describeMachine(), backends };
  const table = () => findingsTable(backends, options) + (options.bench ? `\n${benchReport(findings)}` : '');
  process.stdout.write(options.json ? `${JSON.stringify(findings)}\n` : table());
}

/** What lines about progress begin with: what else a process writes on stderr is not for the user. */
const progressMark = 'part: ';

async function diagnoseHere(options: DoctorOptions, signal: AbortSignal): Promise<Diagnosis[]> {
  const onPart = (what: string) => void process.stderr.write(`${progressMark}${what}\n`);
  const finding = await diagnose({ ...options, onPart }, signal);
  return finding ? [finding] : [];
}

/**
 * Tests each backend in a separate process: one that crashes, or cannot share a process, affects no other, and Ctrl-C need
 * not wait for a slow step.
 */
async function diagnoseAll(options: DoctorOptions, signal: AbortSignal): Promise<Diagnosis[]> {
  const findings: Diagnosis[] = [];
  const backends = options.backend ? [options.backend] : backendChoices;
  using progress = showTests(backends.length);
  for (const [index, backend] of backends.entries()) {
    const test = async (name: string, flags: readonly string[]) => {
      progress.begin(index, name);
      const found = await inProcess(backend, flags, progress.part, signal);
      findings.push(...found);
      return found;
    };
    const flags = ['--here', '--backend', backend, '--json'];
    if (options.bench) flags.push('--bench');
    // Only webgpu can run on a software adapter.
    if (options.allowSoftware && backend === 'webgpu') flags.push('--allow-software');
    const [found] = await test(backend, flags);
    // Dawn offers them only if it was started for them.
    if (options.bench && backend === 'webgpu' && found?.description)
      await test('webgpu with matrix units', [...flags, '--matrix-units']);
  }
  return findings;
}

/** Empty lines, stacks, and what Node prints after them. */
const besideMessages = /^\s*$|^\s+at |^Node\.js v/;

async function inProcess(
  backend: BackendName,
  flags: readonly string[],
  onPart: (what: string) => void,
  signal: AbortSignal,
): Promise<readonly Diagnosis[]> {
  throwIfAborted(signal);
  const args = [...process.execArgv, process.argv[1]!, 'doctor', ...flags];
  const stdio = ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'];
  const child = spawn(process.execPath, args, { stdio, signal, killSignal: 'SIGKILL' });
  const exit = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('exit', (code, by) => resolve(by ? `signal ${by}` : `code ${code}`));
  });
  let last = '';
  const errors = async () => {
    for await (const line of createInterface({ input: child.stderr })) {
      if (line.startsWith(progressMark)) onPart(line.slice(progressMark.length));
      else if (!besideMessages.test(line)) last = line;
    }
  };
  const [how, output] = await Promise.all([exit, text(child.stdout), errors()]);
  throwIfAborted(signal);
  const json = output.split('\n').findLast((line) => line.startsWith('{"machine"'));
  if (json) return (JSON.parse(json) as Findings).backends;
  const fix = 'Use another backend, or update the GPU driver.';
  return [{ backend, problem: `its process ended with ${how}. ${last}`.trimEnd(), fix }];
}
