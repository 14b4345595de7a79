/**
 * A script that runs in the machine by itself: its output and exit status go to files there, and whoever starts it
 * only follows. So a connection that drops, or a server that ends, is no reason to run it twice, or to stop it.
 * What the guest needs: a POSIX shell, sudo without a password, setsid, and the usual file tools.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { quoted } from './quoted.ts';
import { ConnectionLost, type RemoteShell, ShellProblem } from './remote-shell.ts';

export interface DetachedScript {
  /** A folder of its own in the guest; the same folder is the same run of the script. */
  readonly directory: string;
  /** Run by its first line `#!…`, or by `sh -e` without one. */
  readonly script: string;
  /** Kept out of every file: a name may stand for a secret. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface Following {
  /** How much of the output is known from an earlier time, in bytes. */
  readonly offset: number;
  /** `offset` counts all output up to the end of this chunk. */
  onOutput(chunk: Uint8Array, offset: number): void;
  readonly signal: AbortSignal;
}

export type DetachedEnd =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'timed-out' }
  /** The guest was restarted under it, or somebody killed it. */
  | { readonly kind: 'vanished' };

/** Answers a shell that works; called again whenever one was lost. Throws when there is none to be had. */
export type ShellSource = () => Promise<RemoteShell>;

/** True where this run of the script has begun before. */
export async function hasBegun(shell: RemoteShell, directory: string): Promise<boolean> {
  return (await shell.exec(`sudo -n test -e ${quoted(`${directory}/claimed`)}`)).status === 0;
}

/** Starts it; a second start of the same run does nothing. */
export async function startDetached(shell: RemoteShell, detached: DetachedScript): Promise<void> {
  const { directory, script, environment } = detached;
  const interpreter = script.startsWith('#!') ? './script' : 'sh -e ./script';
  const variables = Object.entries({ DEBIAN_FRONTEND: 'noninteractive', ...environment });
  const exports = variables.map(([name, value]) => `export ${name}=${always(value)}\n`).join('');
  // The environment arrives on standard input and goes into the process alone.
  const launch = `
cd ${quoted(directory)} && cat > script.part && chmod 700 script.part && mv script.part script`;
  await must(
    shell,
    `sudo -n -H sh -c ${always(`umask 077; mkdir -p ${quoted(directory)};${launch}`)}`,
    script,
  );
  const run = `umask 022
variables=$(cat)
cd ${quoted(directory)} || exit 1
mkdir claimed 2>/dev/null || exit 0
cat /proc/sys/kernel/random/boot_id > boot
eval "$variables"; unset variables
setsid sh -c 'echo $$ > pid; cd /; ${interpreter.replace('./', `${directory}/`)} > ${directory}/output 2>&1 < /dev/null; echo $? > ${directory}/status.part; mv ${directory}/status.part ${directory}/status' > /dev/null 2>&1 < /dev/null &`;
  await must(shell, `sudo -n -H sh -c ${always(run)}`, exports);
}

/** Follows it to its end, over as many connections as that takes. */
export async function followDetached(
  source: ShellSource,
  { directory, timeoutMs }: Pick<DetachedScript, 'directory' | 'timeoutMs'>,
  following: Following,
): Promise<DetachedEnd> {
  const { signal } = following;
  let { offset } = following;
  const deadline = AbortSignal.timeout(timeoutMs);
  for (;;) {
    const shell = await source();
    const onOutput = (chunk: Uint8Array) => {
      offset += chunk.byteLength;
      following.onOutput(chunk, offset);
    };
    try {
      const command = `sudo -n sh -c ${always(followScript(directory, offset))}`;
      const { status } = await shell.exec(command, { onOutput, signal: AbortSignal.any([signal, deadline]) });
      if (status === vanishedStatus) return { kind: 'vanished' };
      const text = await must(shell, `sudo -n cat ${quoted(`${directory}/status`)}`);
      return { kind: 'exited', status: Number(text) };
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.aborted) {
        await killDetached(await source(), directory);
        return { kind: 'timed-out' };
      }
      if (!(error instanceof ConnectionLost) && !(error instanceof ShellProblem)) throw error;
      await delay(500, undefined, { signal });
    } finally {
      shell.close();
    }
  }
}

const vanishedStatus = 77;

function followScript(directory: string, offset: number): string {
  return `cd ${quoted(directory)} || exit 1
n=${offset}
while :; do
  over=; [ -e status ] && over=1
  if [ -z "$over" ] && [ -e pid ]; then
    if [ "$(cat boot)" != "$(cat /proc/sys/kernel/random/boot_id)" ] || ! kill -0 "$(cat pid)" 2>/dev/null; then
      sleep 0.2; [ -e status ] || exit ${vanishedStatus}
    fi
  fi
  size=$(wc -c < output 2>/dev/null || echo 0)
  if [ "$size" -gt "$n" ]; then tail -c +$((n + 1)) output | head -c $((size - n)); n=$size; fi
  [ -n "$over" ] && exit 0
  sleep 0.2
done`;
}

export async function killDetached(shell: RemoteShell, directory: string): Promise<void> {
  const script = `cd ${quoted(directory)} && [ -e pid ] && p=$(cat pid) && { kill -TERM -"$p"; sleep 2; kill -KILL -"$p"; }`;
  await shell.exec(`sudo -n sh -c ${always(script)}`);
}

/** Removes what it said and was; that it ran, and how it ended, stays known. */
export async function emptyDetached(shell: RemoteShell, directory: string): Promise<void> {
  await must(shell, `sudo -n sh -c ${always(`cd ${quoted(directory)} && rm -f script output pid boot`)}`);
}

/** Throws with what the guest said where the command fails. */
export async function must(shell: RemoteShell, command: string, input?: string): Promise<string> {
  const result = await shell.exec(command, input === undefined ? {} : { input });
  if (result.status === 0) return result.stdout.trim();
  const said = (result.stderr || result.stdout).trim().slice(-500);
  throw new Error(`The machine refuses a command of the build (status ${result.status}): ${said}`);
}

function always(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
