import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  /** Written to standard input, which is then closed. */
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
}

// Enough to say what went wrong; apt and mmdebstrap can print megabytes.
const keptErrorBytes = 4000;

const searchPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs a program to its end and returns what it printed. Throws with the tail of its error output. */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  // Tools are read by their words: keep those English, and find sbin as an ordinary user too. Set through env(1),
  // so that the rest of the environment, proxies above all, reaches apt as it is.
  const child = spawn('env', [searchPath, 'LC_ALL=C.UTF-8', program, ...args], {
    cwd: options.cwd,
    signal: options.signal,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-keptErrorBytes);
  });
  // A program that ends without reading its input closes the pipe; its exit code tells whether that matters.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');

  const status = await new Promise<string | number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, killedBy) => resolve(code ?? killedBy));
  });
  if (status !== 0) {
    throw new Error(
      `${program} ${args.join(' ')} ended with ${status}: ${errors.trim() || 'it said nothing'}`,
    );
  }
  return Buffer.concat(output).toString();
}
