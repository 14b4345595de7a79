import { parseArgs } from 'node:util';
import { knownBases } from './base.ts';
import { type Architecture, type BaseName, buildBase } from './build.ts';

const usage = `node guest/main.ts NAME ARCHITECTURE --directory DIR   (${knownBases().join(', ')})`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { directory: { type: 'string' } },
});
const [name, architecture] = positionals;
const { directory } = values;
if (!knownBases().includes(`${name}/${architecture}`) || directory === undefined) {
  console.error(usage);
  process.exit(2);
}

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

const started = performance.now();
const seconds = () => ((performance.now() - started) / 1000).toFixed(1).padStart(6);
try {
  const image = await buildBase(name as BaseName, architecture as Architecture, {
    directory,
    signal: interrupted.signal,
    onProgress: (line) => console.error(`${seconds()}s  ${line}`),
  });
  console.log(JSON.stringify(image, null, 2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
