/** Runs the measurements under bench/ (`*.bench.ts`), all or those named, one after the other. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'bench');
const suffix = '.bench.ts';
const known = readdirSync(folder)
  .filter((name) => name.endsWith(suffix))
  .map((name) => name.slice(0, -suffix.length));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0 || known.length === 0) {
  process.stderr.write(
    `No measurement is named ${unknown.join(', ') || 'anything'}. There are: ${known.join(', ')}\n`,
  );
  process.exit(1);
}
for (const name of wanted.length > 0 ? wanted : known) {
  process.stdout.write(`\n${name}\n`);
  const { status } = spawnSync(process.execPath, [join(folder, `${name}${suffix}`)], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
