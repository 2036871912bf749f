import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { backendNames } from '@faceanim/backend-node';
import type { BenchmarkContext } from './run';

export const description =
  'the benchmark "iteration" on every backend that comes up, and PyTorch on the CPU [--backends A,B] [--allow-software]';

/** What `iteration` and torch/avatar.py give. */
interface Measured {
  readonly backend: string;
  readonly iteration: readonly { fan: string; ms: number; kernels?: number; peakRssMB?: number }[];
  readonly parts: readonly { part: string; forward: number; backward: number }[];
}

const execute = promisify(execFile);

export async function run({ args, log }: BenchmarkContext) {
  const { backends, ...options } = parseOptions(args);
  const measured: Record<string, Measured> = {};
  const failures: { backend: string; reason: string }[] = [];
  const pytorch = await attempt(log, 'pytorch', failures, () => measurePytorch(options.iterations));
  for (const name of backends) {
    const result = await attempt(log, name, failures, () => measureBackend(name, options));
    if (result) measured[name] = result;
  }
  const all = { ...measured, ...(pytorch && { pytorch }) };
  return { iteration: iterationTable(all, pytorch), parts: partsTable(all), failures };
}

function parseOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      // Plain JavaScript takes half a minute an iteration: by name only.
      backends: { type: 'string', default: backendNames.filter((name) => name !== 'js').join(',') },
      iterations: { type: 'string', default: '5' },
      'allow-software': { type: 'boolean', default: false },
    },
  });
  return {
    backends: values.backends.split(','),
    iterations: values.iterations,
    allowSoftware: values['allow-software'],
  };
}

async function attempt(
  log: (line: string) => void,
  backend: string,
  failures: { backend: string; reason: string }[],
  measure: () => Promise<Measured>,
): Promise<Measured | undefined> {
  log(backend);
  try {
    return await measure();
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    const reason = /FaceanimError: (.*)/.exec(stderr)?.[1] ?? message.split('\n')[0]!;
    failures.push({ backend, reason });
    return undefined;
  }
}

/** In a process of its own, since memory is measured and native backends exclude each other. */
async function measureBackend(
  name: string,
  { iterations, allowSoftware }: { iterations: string; allowSoftware: boolean },
): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'faceanim-bench-'));
  const json = join(folder, 'result.json');
  const flags = [
    '--backend',
    name,
    '--iterations',
    iterations,
    ...(allowSoftware ? ['--allow-software'] : []),
  ];
  try {
    await execute(process.execPath, [
      ...process.execArgv,
      process.argv[1]!,
      'iteration',
      ...['--json', json, ...flags],
    ]);
    return (JSON.parse(await readFile(json, 'utf8')) as { result: Measured }).result;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measurePytorch(iterations: string): Promise<Measured> {
  const script = join(import.meta.dirname, 'torch/avatar.py');
  const pack = join(import.meta.dirname, '../packages/models/assets/avatar');
  const { stdout } = await execute('python3', [script, pack, '--iterations', iterations]);
  const { torch, threads, ...rest } = JSON.parse(stdout) as Measured & { torch: string; threads: number };
  return { ...rest, backend: `PyTorch ${torch} (CPU, ${threads} threads)` };
}

function iterationTable(all: Record<string, Measured>, pytorch: Measured | undefined) {
  return Object.entries(all).flatMap(([name, { backend, iteration }]) =>
    iteration.map(({ fan, ms, kernels, peakRssMB }) => {
      const reference = pytorch?.iteration.find((other) => other.fan === fan)?.ms;
      return {
        ...{ name, backend, fan, ms, kernels, peakRssMB },
        timesPytorch: reference && Number((ms / reference).toFixed(2)),
      };
    }),
  );
}

function partsTable(all: Record<string, Measured>) {
  return Object.entries(all).flatMap(([name, { parts }]) =>
    parts.map(({ part, forward, backward }) => ({
      ...{ name, part, forward, backward },
      backwardToForward: Number((backward / forward).toFixed(2)),
    })),
  );
}
