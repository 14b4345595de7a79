/** What commands print: tables for people, JSON for programs. Data goes to standard output, talk to standard error. */
import { stripVTControlCharacters, styleText } from 'node:util';
import type { Command } from 'commander';

type Style = Parameters<typeof styleText>[0];

export interface ListOptions {
  readonly json?: true;
  readonly quiet?: true;
}

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly style?: (row: Row) => Style;
}

/** Every list takes these. */
export function withListOptions(command: Command): Command {
  return command
    .option('--json', 'print JSON for programs')
    .option('-q, --quiet', 'print the first column alone, one a line');
}

export function printList<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: ListOptions,
  /** Said instead of an empty table; may hold the way to a first row. */
  empty: string,
): void {
  const [first] = columns;
  if (options.json) printJson(rows);
  else if (options.quiet && first !== undefined) for (const row of rows) print(first.value(row));
  else if (rows.length === 0) say(empty);
  else for (const line of tableLines(rows, columns, process.stdout.columns)) print(line);
}

/** Aligned columns; where a terminal is too narrow, the widest gives way. Exported for its test. */
export function tableLines<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  terminalWidth: number | undefined,
): readonly string[] {
  const cells = rows.map((row) => columns.map((column) => column.value(row)));
  const titles = columns.map((column) => column.title);
  const natural = titles.map((title, at) =>
    Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)),
  );
  const widths = columnWidths(natural, terminalWidth);
  const line = (texts: readonly string[], style: (at: number) => Style | undefined) =>
    texts
      .map((text, at) => paint(style(at), cut(text, widths[at] ?? 0).padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return [
    line(titles, () => 'dim'),
    ...rows.map((row, index) => line(cells[index] ?? [], (at) => columns[at]?.style?.(row))),
  ];
}

const narrowest = 8;

function columnWidths(natural: readonly number[], terminalWidth: number | undefined): readonly number[] {
  const widths = [...natural];
  const gaps = 2 * (widths.length - 1);
  const total = () => widths.reduce((sum, width) => sum + width, gaps);
  while (terminalWidth !== undefined && total() > terminalWidth) {
    const widest = Math.max(...widths);
    if (widest <= narrowest) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Data, on standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Talk, on standard error, so that a pipe holds data alone. */
export function say(text: string): void {
  process.stderr.write(`${process.stderr.isTTY ? text : stripVTControlCharacters(text)}\n`);
}

/** Coloured where standard output is a terminal and NO_COLOR isn't set. */
export function paint(style: Style | undefined, text: string): string {
  return style === undefined ? text : styleText(style, text, { stream: process.stdout });
}

export function stateStyle(state: string | undefined): Style {
  switch (state) {
    case 'running':
    case 'available':
      return 'green';
    case 'pending':
    case 'stopping':
    case 'shutting-down':
      return 'yellow';
    case 'failed':
      return 'red';
    default:
      return 'dim';
  }
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** 'just now', '5 min', '3 h', '2 d'. */
export function age(since: Date | undefined, now = new Date()): string {
  if (since === undefined) return '';
  const minutes = Math.floor((now.getTime() - since.getTime()) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}
