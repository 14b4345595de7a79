/** What a measurement found, as it is printed, kept under bench/results and shown on the page. */

export interface Table {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Report {
  readonly title: string;
  /** How it was measured, a line each. */
  readonly method: readonly string[];
  readonly tables: readonly Table[];
  /** What a reader would otherwise get wrong. */
  readonly notes?: readonly string[];
}

export interface MachineFacts {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly qemu: string;
  readonly node: string;
}

export interface Result {
  readonly name: string;
  readonly measuredAt: string;
  readonly seconds: number;
  readonly machine: MachineFacts;
  /** Load average over one minute, before and after. */
  readonly load: readonly [number, number];
  /** Of the processors' time that this machine's own host gave to others. */
  readonly stealPercent: number;
  readonly report: Report;
}

export function tableMarkdown({ caption, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [caption, '', line(columns), `|${columns.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
