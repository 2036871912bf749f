import { markdownTable } from '../../packages/cli/src/terminal/tables';
import type { Row } from './section';

/** Rows as a table in Markdown, with a column for every key. */
export function tableOf(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (columns.length === 0) return '';
  return markdownTable([columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))]);
}
