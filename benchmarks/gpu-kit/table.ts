import type { Row } from './section';

/** Rows as a table in Markdown, with a column for every key. */
export function markdownTable(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (columns.length === 0) return '';
  const line = (cells: readonly unknown[]) =>
    `| ${cells.map((cell) => `${cell ?? ''}`.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((column) => row[column]))),
  ].join('\n');
}
