/**
 * One SSH connection a machine, shared by all that goes on there: logging in costs a second or more on a small or
 * emulated machine, and a build would do it dozens of times.
 */
import type { ConnectShell, RemoteShell } from '../ssh/remote-shell.ts';
import type { ReachedMachine } from './build.ts';

export interface ShellPool {
  /** An open shell on the machine. Whoever gets it doesn't close it. */
  get(at: ReachedMachine, privateKey: string, signal: AbortSignal): Promise<RemoteShell>;
  close(): void;
}

interface Pooled {
  readonly shell: RemoteShell;
  running: number;
  idle: NodeJS.Timeout;
}

/** A connection on which nothing has run since is closed. */
const idleMs = 60_000;

export function shellPool(connect: ConnectShell): ShellPool {
  const open = new Map<string, Pooled>();
  const drop = (key: string, pooled: Pooled) => {
    clearTimeout(pooled.idle);
    pooled.shell.close();
    if (open.get(key) === pooled) open.delete(key);
  };
  const pool = (key: string, shell: RemoteShell): Pooled => {
    const pooled: Pooled = { shell: shell, running: 0, idle: setTimeout(() => look(), idleMs).unref() };
    const look = () => {
      if (pooled.running === 0) drop(key, pooled);
      else pooled.idle.refresh();
    };
    open.set(key, pooled);
    return pooled;
  };
  return {
    async get(at, privateKey, signal) {
      const key = `${at.host} ${at.port} ${at.hostKey}`;
      const known = open.get(key);
      if (known !== undefined && !known.shell.isOpen) drop(key, known);
      const again = open.get(key);
      return shared(again ?? pool(key, await connect({ ...at, privateKey }, signal)));
    },
    close() {
      for (const [key, pooled] of open) drop(key, pooled);
    },
  };
}

function shared(pooled: Pooled): RemoteShell {
  const { shell } = pooled;
  return {
    hostKey: shell.hostKey,
    get isOpen() {
      return shell.isOpen;
    },
    async exec(command, options) {
      pooled.running += 1;
      try {
        return await shell.exec(command, options);
      } finally {
        pooled.running -= 1;
        pooled.idle.refresh();
      }
    },
    close: () => undefined,
  };
}
