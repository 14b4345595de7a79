/** A home whose server is a process of its own, that can be killed at a step and started again. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EC2 } from '@aws-sdk/client-ec2';
import { until } from '../../src/node/deadline.ts';
import type { Config } from '../../src/platform/config.ts';
import { readClientSecrets } from '../../src/server/secrets.ts';
import { killMachines } from '../system/node-kit.ts';
import { leftOver } from './left-over.ts';
import type { Moment, Question, Rest } from './server-child.ts';

export interface KillableServer {
  readonly url: string;
  readonly ec2: EC2;
  /** Settles when the process is gone. */
  readonly died: Promise<void>;
  arm(step: number, moments: readonly Moment[]): Promise<void>;
  disarm(): Promise<void>;
  /** Waits until rows, node and files say the same and nothing is left over; fails with what is wrong. */
  atRest(): Promise<void>;
  kill(): Promise<void>;
  close(): Promise<void>;
}

export interface ServerHome {
  readonly folder: string;
  readonly nodeFolder: string;
  start(): Promise<KillableServer>;
  /** Where the last one killed itself. */
  killedAt(): Promise<string>;
  dispose(options: { readonly keep: boolean }): Promise<void>;
}

const restDeadlineMs = 60_000;
export const region = 'us-east-1';

/** In a folder of its own, or in the one that is named. */
export async function makeServerHome(
  options: { readonly stopDeadlineMs: number; readonly blobs?: Config['blobs'] },
  named?: string,
): Promise<ServerHome> {
  const folder = named ?? (await mkdtemp(join(tmpdir(), 'ingot-faults-')));
  await mkdir(folder, { recursive: true });
  const settings = {
    port: 0,
    regions: [region],
    reconcileIntervalMs: 100,
    memoryForInstancesMiB: 16_384,
    ...options,
  };
  await writeFile(join(folder, 'config.yaml'), JSON.stringify(settings));
  return serverHome(folder);
}

export function serverHome(folder: string): ServerHome {
  const nodeFolder = join(folder, 'nodes', 'node-1');
  return {
    folder,
    nodeFolder,
    start: () => startServer(folder, nodeFolder),
    killedAt: () => readFile(join(folder, 'killed-at'), 'utf8').catch(() => 'no step'),
    async dispose({ keep }) {
      await mkdir(join(nodeFolder, 'instances'), { recursive: true });
      await killMachines(nodeFolder);
      if (keep) process.stderr.write(`kept for inspection: ${folder}\n`);
      else await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startServer(folder: string, nodeFolder: string): Promise<KillableServer> {
  const script = join(import.meta.dirname, 'server-child.ts');
  const child = fork(script, [folder], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const died = once(child, 'exit').then(() => undefined);
  const gone = died.then(() => Promise.reject(new Error('the server is gone')));
  gone.catch(() => undefined);
  const nextMessage = async () => ((await Promise.race([once(child, 'message'), gone])) as unknown[])[0];
  const { url } = (await nextMessage()) as { readonly url: string };
  const ask = async (question: Question) => {
    // A channel that is closed says so to the callback; `gone` tells it to the caller.
    child.send(question, () => undefined);
    return await nextMessage();
  };
  const { root: credentials } = (await readClientSecrets(folder)) ?? {};
  if (credentials === undefined) throw new Error('the server made no credentials');
  const ec2 = new EC2({ endpoint: url, region, credentials, maxAttempts: 1 });
  return {
    url,
    ec2,
    died,
    arm: async (step, moments) => void (await ask({ ask: 'arm', step, moments })),
    disarm: async () => void (await ask({ ask: 'disarm' })),
    async atRest() {
      let wrong: readonly string[] = [];
      const look = async () => {
        wrong = await leftOver(nodeFolder, (await ask({ ask: 'rest' })) as Rest);
        return wrong.length === 0 ? true : undefined;
      };
      const what = 'a server at rest';
      await until(look, { deadlineMs: restDeadlineMs, everyMs: 50, what }).catch((cause: unknown) => {
        throw new Error(`The server came to no rest: ${wrong.join('; ')}`, { cause });
      });
    },
    async kill() {
      child.kill('SIGKILL');
      await died;
      ec2.destroy();
    },
    async close() {
      ec2.destroy();
      if (child.connected) child.disconnect();
      await died;
    },
  };
}
