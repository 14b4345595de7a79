/** docs/reference/benchmarks.md, from the results that are kept. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Result, tableMarkdown } from './report.ts';
import { resultsFolder } from './run-bench.ts';

export const pageFile = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'benchmarks.md');

const introduction = `# Benchmarks

Written by \`npm run bench\`, which measures all of this anew; \`npm run bench -- create-image\` measures one part. Each
part is a file under \`bench/\`; what it found is kept in \`bench/results/\`.

How to read it: every part starts from nothing, with a server of its own and real machines where it needs them, and
measures Ingot and its peer in turn in one run. Speeds of a shared machine drift, so read the ratios; a wide spread
says that the machine was busy. The load beside each part is what else the machine had to do: 0 is a machine of one's own, 2 and more on two
processors is one that others use as well.
`;

export function benchmarksPage(): string {
  const names = existsSync(resultsFolder) ? readdirSync(resultsFolder).sort() : [];
  const results = names.map((name) => JSON.parse(readFileSync(join(resultsFolder, name), 'utf8')) as Result);
  return `${[introduction.trimEnd(), ...results.map(section)].join('\n\n')}\n`;
}

function section(result: Result): string {
  const { report } = result;
  return [
    `## ${report.title}`,
    report.method.map((line) => `- ${line}`).join('\n'),
    ...report.tables.map(tableMarkdown),
    ...(report.notes ?? []),
    `*${circumstances(result)}*`,
  ].join('\n\n');
}

function circumstances({ name, measuredAt, seconds, machine, load, stealPercent }: Result): string {
  const { processor, cores, memoryGiB, kernel, qemu, node } = machine;
  return [
    `\`bench/${name}.bench.ts\`, ${measuredAt.slice(0, 10)}, ${seconds} s`,
    `${cores} × ${processor}, ${memoryGiB} GiB, Linux ${kernel}, QEMU ${qemu}, Node ${node}`,
    `load ${load[0].toFixed(1)} before and ${load[1].toFixed(1)} after, ${stealPercent.toFixed(0)} % of the processors taken by the host’s other guests`,
  ].join('; ');
}
