/**
 * Runs the measurements under bench/ (`*.bench.ts`), all or those named, one after the other, and writes
 * docs/reference/benchmarks.md from all results that there are.
 *   npm run bench [-- --quick] [name…]      --quick only tries them: fewer rounds, and nothing is written
 *   node scripts/bench.ts --page            writes the page alone
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchmarksPage, pageFile } from '../bench/frame/page.ts';

const folder = join(import.meta.dirname, '..', 'bench');
const suffix = '.bench.ts';
const known = readdirSync(folder)
  .filter((name) => name.endsWith(suffix))
  .map((name) => name.slice(0, -suffix.length));
const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, page: { type: 'boolean', default: false } },
});
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`No measurement is named ${unknown.join(', ')}. There are: ${known.join(', ')}\n`);
  process.exit(1);
}
for (const name of values.page ? [] : wanted.length > 0 ? wanted : known) {
  process.stdout.write(`\n${name}\n`);
  const args = [join(folder, `${name}${suffix}`), ...(values.quick ? ['--quick'] : [])];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
if (!values.quick) writeFileSync(pageFile, benchmarksPage());
