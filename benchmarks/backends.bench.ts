import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { backendNames } from '@faceanim/backend-node';
import { invalidOption } from '@faceanim/tensor';
import { pythonCommand } from '../tools/python.mjs';
import type { BenchmarkContext } from './run';

export const description =
  'the benchmark "networks" on every backend that comes up, and PyTorch on the CPU [--networks avatar,256,1024] [--backends A,B] [--allow-software] [--iterations N] [--limit SECONDS]';

/** The output of the benchmark `networks` and of torch/iteration.py. */
interface Measured {
  readonly backend: string;
  readonly iteration: readonly Iteration[];
  readonly parts: readonly Part[];
}

interface Iteration {
  readonly how: string;
  readonly ms: number;
  readonly cpuMs: number;
  readonly firstLoss: number;
}

interface Part {
  readonly part: string;
  readonly forward: number;
  readonly backward: number;
  readonly forwardCpu: number;
  readonly backwardCpu: number;
}

interface Failure {
  readonly networks: string;
  readonly backend: string;
  readonly reason: string;
}

interface Options {
  readonly networks: readonly string[];
  readonly backends: readonly string[];
  readonly iterations: string;
  readonly allowSoftware: boolean;
  readonly limitSeconds: number;
}

const execute = promisify(execFile);

export async function run({ args, log }: BenchmarkContext) {
  const options = parseOptions(args);
  const failures: Failure[] = [];
  const iteration: object[] = [];
  const parts: object[] = [];
  for (const networks of options.networks) {
    const attempt = async (backend: string, measure: () => Promise<Measured>) => {
      log(`${networks} on ${backend}`);
      try {
        return await measure();
      } catch (error) {
        failures.push({ networks, backend, reason: reasonOf(error, options) });
        return undefined;
      }
    };
    const pytorch = await attempt('pytorch', () => measurePytorch(networks, options));
    const measured = pytorch ? [pytorch] : [];
    for (const name of options.backends) {
      const result = await attempt(name, () => measureBackend(name, networks, options));
      if (result) measured.push(result);
    }
    iteration.push(...measured.flatMap((one) => iterationRows(networks, one, pytorch)));
    parts.push(...measured.flatMap((one) => partRows(networks, one)));
  }
  return { iteration, parts, failures };
}

function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      networks: { type: 'string', default: 'avatar,256,1024' },
      // Plain JavaScript takes half a minute per iteration, so it runs only when named.
      backends: {
        type: 'string',
        default: [...backendNames.filter((name) => name !== 'js'), 'webgpu-null'].join(','),
      },
      iterations: { type: 'string', default: '3' },
      'allow-software': { type: 'boolean', default: false },
      limit: { type: 'string', default: '300' },
    },
  });
  const limitSeconds = Number(values.limit);
  if (!(limitSeconds > 0)) throw invalidOption('--limit', values.limit, 'a number of seconds');
  return {
    networks: values.networks.split(','),
    backends: values.backends.split(','),
    iterations: values.iterations,
    allowSoftware: values['allow-software'],
    limitSeconds,
  };
}

/** Runs in a separate process, since memory is measured and native backends exclude each other. */
async function measureBackend(
  name: string,
  networks: string,
  { iterations, allowSoftware, limitSeconds }: Options,
): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'faceanim-bench-'));
  const json = join(folder, 'result.json');
  const flags = [
    ...['--backend', name],
    ...['--networks', networks],
    ...['--iterations', iterations],
    ...['--warm-up', '1'],
    ...(allowSoftware ? ['--allow-software'] : []),
  ];
  try {
    await execute(
      process.execPath,
      [...process.execArgv, process.argv[1]!, 'networks', '--json', json, ...flags],
      { timeout: 1000 * limitSeconds, killSignal: 'SIGKILL' },
    );
    return (JSON.parse(await readFile(json, 'utf8')) as { result: Measured }).result;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measurePytorch(networks: string, { iterations, limitSeconds }: Options): Promise<Measured> {
  const script = join(import.meta.dirname, 'torch/iteration.py');
  const avatar = join(import.meta.dirname, '../packages/models/assets/avatar');
  const sizes = networks === 'avatar' ? { avatar } : { resolution: Number(networks) };
  const { stdout } = await execute(
    pythonCommand(),
    [script, JSON.stringify(sizes), '--iterations', iterations],
    {
      timeout: 1000 * limitSeconds,
      killSignal: 'SIGKILL',
    },
  );
  return JSON.parse(stdout) as Measured;
}

function reasonOf(error: unknown, { limitSeconds }: Options): string {
  const { stderr = '', message, killed } = error as { stderr?: string; message: string; killed?: boolean };
  if (killed) return `not done after ${limitSeconds} s (--limit)`;
  return /FaceanimError: (.*)/.exec(stderr)?.[1] ?? stderr.trim().split('\n').at(-1) ?? message;
}

function iterationRows(networks: string, { backend, iteration }: Measured, pytorch: Measured | undefined) {
  const reference = pytorch?.iteration[0];
  return iteration.map((row) => ({
    ...{ networks, backend, ...row },
    timesPytorch: reference && ratio(row.ms, reference.ms),
    timesPytorchCpu: reference && ratio(row.cpuMs, reference.cpuMs),
  }));
}

function partRows(networks: string, { backend, parts }: Measured) {
  return parts.map((row) => ({
    ...{ networks, backend, ...row },
    backwardToForward: ratio(row.backwardCpu, row.forwardCpu),
  }));
}

const ratio = (a: number, b: number) => Number((a / b).toFixed(2));
