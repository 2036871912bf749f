import { columns } from '../terminal/tables';
import { benchEffort } from './bench';
import type { Findings } from './findings';
import { markdownReport } from './markdown-report';
import { measurementRows, missing } from './measurement-rows';

/** The measurements as a table, and a block in Markdown to report them. */
export function benchReport(findings: Findings): string {
  const rows = measurementRows(findings.backends);
  const gaps = rows.some((row) => row.includes(missing));
  const limit = `${missing}: no time was left. Each backend has ${benchEffort.totalMs / 1000} s, and ends what it has begun.`;
  return [
    ...(rows.length > 1 ? [columns(rows), ...(gaps ? [limit] : []), ''] : []),
    'To report it, paste this into an issue:',
    '',
    markdownReport(findings).trimEnd(),
    '',
  ].join('\n');
}
