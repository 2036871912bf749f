import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { type BackendName, throwIfAborted } from '@faceanim/tensor';
import { backendChoices } from '../flags/shared';
import { type Diagnosis, diagnose } from './diagnose';
import { findingsTable } from './findings-table';

export interface DoctorOptions {
  backend?: BackendName;
  allowSoftware?: boolean;
  json?: boolean;
  /** Tests in this process. */
  here?: boolean;
}

/** `faceanim doctor`: tests the backends and prints the findings. */
export async function doctorCommand(options: DoctorOptions, signal: AbortSignal): Promise<void> {
  const findings = options.here ? [await diagnose(options, signal)] : await diagnoseAll(options, signal);
  process.stdout.write(options.json ? `${JSON.stringify(findings)}\n` : findingsTable(findings, options));
}

/**
 * Tests each backend in a separate process: one that crashes, or cannot share a process, affects no other, and Ctrl-C need
 * not wait for a slow step.
 */
async function diagnoseAll(options: DoctorOptions, signal: AbortSignal): Promise<Diagnosis[]> {
  const findings: Diagnosis[] = [];
  for (const backend of options.backend ? [options.backend] : backendChoices) {
    process.stderr.write(`testing ${backend} …\n`);
    // Only webgpu can run on a software adapter.
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
  const fix = 'Use another backend, or update the GPU driver.';
  return { backend, problem: `its process ended with ${how}. ${last}`, fix };
}
