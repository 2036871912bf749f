import type { Diagnosis } from './diagnose';

/** The findings as text. With `backend`, only that one was tested. */
export function findingsTable(findings: readonly Diagnosis[], { backend }: { backend?: string }): string {
  const rows = findings.map(({ backend, description, msPerIteration }) => [
    backend,
    description ?? '–',
    msPerIteration === undefined ? '' : `${msPerIteration.toFixed(0)} ms`,
  ]);
  const table = columns([['backend', 'runs on', 'one iteration'], ...rows]);
  const problems = findings
    .filter(({ problem }) => problem)
    .map(({ problem, fix }) => `${problem}\n  ${fix ?? ''}`.trimEnd());
  if (backend) return [table, ...(problems.length > 0 ? ['', ...problems] : []), ''].join('\n');
  const best = findings.find(({ description }) => description)?.backend;
  const choice = best ? `Used by default: ${best}` : 'No backend works.';
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
