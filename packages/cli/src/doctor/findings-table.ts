import { columns } from '../terminal/tables';
import type { Diagnosis } from './diagnose';
import { nameOf } from './findings';
import { formatMs } from './units';

/** The findings as text. With `backend`, only that one was tested. */
export function findingsTable(findings: readonly Diagnosis[], { backend }: { backend?: string }): string {
  const rows = findings.map((found) => [
    nameOf(found),
    found.description ?? '–',
    found.stepMs === undefined ? '' : formatMs(found.stepMs),
  ]);
  const table = columns([['backend', 'runs on', 'one step'], ...rows]);
  // A backend that works may fail while it is measured.
  const failed = problemsOf(findings.filter(({ description }) => description));
  const others = problemsOf(findings.filter(({ description }) => !description));
  if (backend) return lines([table], [...failed, ...others]);
  const best = findings.find(({ description }) => description)?.backend;
  return lines(
    [table],
    failed,
    [best ? `Used by default: ${best}` : 'No backend works.'],
    others.length > 0 ? ['The others, fastest first, and how to get them:', ...others] : [],
  );
}

function problemsOf(findings: readonly Diagnosis[]): string[] {
  return findings.flatMap(({ problem, fix }) => (problem ? [`${problem}\n  ${fix ?? ''}`.trimEnd()] : []));
}

/** Paragraphs of lines. */
function lines(...paragraphs: readonly (readonly string[])[]): string {
  return `${paragraphs
    .filter(({ length }) => length > 0)
    .map((paragraph) => paragraph.join('\n'))
    .join('\n\n')}\n`;
}
