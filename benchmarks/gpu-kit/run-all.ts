import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { rowMark } from './row-mark';
import type { Row } from './section';
import { sections } from './sections';
import { tableOf } from './table';

/** Rows of a section that are printed as they come; checks that passed are not. All are in the files. */
const shown = 16;

/** What came of a section. */
interface Outcome {
  readonly name: string;
  readonly description: string;
  readonly seconds: number;
  /** Why it is not complete. */
  readonly problem?: string;
  readonly rows: readonly Row[];
}

/** Runs sections one after the other, each in processes of its own, and writes results.json and results.md after each row. */
export async function runAll(names: readonly string[], { out, seconds }: { out: string; seconds: number }) {
  mkdirSync(out, { recursive: true });
  const end = performance.now() + 1000 * seconds;
  const machine = {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    date: new Date().toISOString(),
  };
  const outcomes: Outcome[] = [];
  for (const name of names) {
    console.log(`\n== ${name}: ${sections[name]!.description}`);
    // With the rows so far, in case that all of it is stopped.
    const write = (outcome: Outcome) => {
      const all = [...outcomes, outcome];
      writeFileSync(join(out, 'results.json'), `${JSON.stringify({ machine, outcomes: all }, null, 1)}\n`);
      writeFileSync(join(out, 'results.md'), report(machine, all));
    };
    const outcome = await runSection(name, (end - performance.now()) / 1000, write);
    write(outcome);
    outcomes.push(outcome);
    if (outcome.problem) console.log(`!! ${outcome.problem}`);
    console.log(`   ${outcome.rows.length} rows in ${outcome.seconds} s`);
  }
}

async function runSection(name: string, left: number, write: (soFar: Outcome) => void): Promise<Outcome> {
  const { description, seconds: limit, shards = 1 } = sections[name]!;
  const known = { name, description };
  if (left < 5) return { ...known, seconds: 0, problem: 'not measured: no time was left', rows: [] };
  const started = performance.now();
  const seconds = Math.min(limit, left);
  const rows: Row[] = [];
  const outcome = (problem: string | undefined): Outcome => ({
    ...known,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    problem,
    rows,
  });
  const add = (row: Row) => {
    rows.push(row);
    if (row.passed !== true && rows.length <= shown) console.log(JSON.stringify(row));
    write(outcome('not finished'));
  };
  const problems = await Promise.all(
    Array.from({ length: shards }, (_, i) => runProcess(name, `${i}/${shards}`, seconds, add)),
  );
  return outcome(problems.filter(Boolean).join(' ') || undefined);
}

/** Runs one process, whose rows it passes on. Gives the reason if it did not end well. */
async function runProcess(
  name: string,
  shard: string,
  seconds: number,
  add: (row: Row) => void,
): Promise<string | undefined> {
  const args = [...process.execArgv, ...process.argv.slice(1), '--section', name, '--shard', shard];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, 1000 * seconds);
  const errors: string[] = [];
  createInterface(child.stderr).on('line', (line) => errors.push(line));
  const read = (async () => {
    for await (const line of createInterface(child.stdout)) {
      if (!line.startsWith(rowMark)) continue;
      add(JSON.parse(line.slice(rowMark.length)) as Row);
    }
  })();
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.once('exit', (code, signal) => resolve([code, signal])),
  );
  clearTimeout(timer);
  await read;
  if (code === 0) return undefined;
  if (timedOut) return `Stopped after ${Math.round(seconds)} s. Its last words: ${errors.at(-1) ?? 'none'}`;
  return `Ended with ${signal ?? `code ${code}`}: ${errors.slice(-12).join(' | ')}`;
}

function report(machine: object, outcomes: readonly Outcome[]): string {
  const facts = Object.entries(machine).map(([name, value]) => `${name}: ${value}`);
  const parts = outcomes.map(({ name, description, seconds, problem, rows }) =>
    [`## ${name}`, `${description} (${seconds} s)`, problem ?? '', tableOf(rows)]
      .filter(Boolean)
      .join('\n\n'),
  );
  return [`# ${facts.join(', ')}`, ...parts, ''].join('\n\n');
}
