/**
 * `npm run bench` lists the programs in this folder; `npm run bench -- NAME [--json FILE] [arguments]` runs one.
 * A program is a file NAME.bench.ts that exports a {@link Benchmark}.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The exports of a file `*.bench.ts`. */
export interface Benchmark {
  /** One line for the list. */
  description: string;
  /** Measures; the result must be plain data. A list of flat records (or a record of such) prints as a table. */
  run(context: BenchmarkContext): Promise<unknown>;
}

/** What a benchmark is called with. */
export interface BenchmarkContext {
  /** The command line after the name, without `--json FILE`. */
  args: string[];
  /** Prints a line of progress to stderr. */
  log(message: string): void;
}

const suffix = '.bench.ts';
const folder = import.meta.dirname;
const names = readdirSync(folder)
  .filter((file) => file.endsWith(suffix))
  .map((file) => file.slice(0, -suffix.length))
  .sort();

const load = (name: string): Promise<Benchmark> => import(pathToFileURL(`${folder}/${name}${suffix}`).href);

async function list() {
  console.log('Usage: npm run bench -- NAME [--json FILE] [arguments]\n');
  const width = Math.max(0, ...names.map((name) => name.length));
  for (const name of names) console.log(`  ${name.padEnd(width)}  ${(await load(name)).description}`);
}

/** Removes `--json FILE` from the arguments; the others belong to the benchmark. */
function takeJson(args: string[]): string | undefined {
  const at = args.indexOf('--json');
  if (at < 0) return undefined;
  const [, file] = args.splice(at, 2);
  if (!file || file.startsWith('-')) fail('--json needs a file name, e.g. --json out/bench.json');
  return file;
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

/** The facts that a timing depends on. */
function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    date: new Date().toISOString(),
  };
}

function print(result: unknown) {
  const isRecord = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (Array.isArray(result)) console.table(result);
  else if (isRecord(result)) {
    const entries = Object.entries(result as object);
    const nested = entries.filter(([, value]) => typeof value === 'object' && value !== null);
    const flat = entries.filter((entry) => !nested.includes(entry));
    if (flat.length > 0) console.table(Object.fromEntries(flat));
    for (const [title, value] of nested) {
      console.log(`\n${title}`);
      console.table(value);
    }
  } else console.log(result);
}

async function main() {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined) return list();
  if (!names.includes(name))
    fail(`There is no benchmark "${name}"; there are: ${names.join(', ') || 'none'}.`);
  const json = takeJson(args);
  const { description, run } = await load(name);
  const facts = machine();
  console.error(`${name}: ${description}\n${facts.cpu}, ${facts.cores} cores, Node ${facts.node}`);
  const result = await run({ args, log: (message) => console.error(message) });
  print(result);
  if (json) {
    mkdirSync(dirname(resolve(json)), { recursive: true });
    writeFileSync(json, `${JSON.stringify({ benchmark: name, args, machine: facts, result }, null, 2)}\n`);
    console.error(`Written: ${json}`);
  }
}

await main();
