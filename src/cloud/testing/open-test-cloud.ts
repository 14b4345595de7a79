/** A whole cloud over the simulated node, for tests: its operations are called as the gateway calls them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActionName, Caller, InputOf, OutputOf } from '../../ec2/types.ts';
import { openSimulatedNode, type SimulatedNode } from '../../node/simulated/simulated-node.ts';
import type { AccountId, NodeId } from '../../platform/ids.ts';
import { silentLog } from '../../platform/log.ts';
import { type CloudOptions, type OpenCloud, openCloud } from '../open-cloud.ts';

export type TestNode = SimulatedNode;

export interface TestCloud extends OpenCloud {
  readonly node: TestNode;
  readonly directory: string;
  /** Calls an operation as this account in this region. */
  call<A extends ActionName>(action: A, input: InputOf<A>, as?: Partial<Caller>): Promise<OutputOf<A>>;
  /** The id of a public base image in us-east-1. */
  readonly baseImageId: string;
  /** Closes it and opens it again on the same rows and the same node, as after a restart. */
  reopen(): Promise<TestCloud>;
}

export const accountA = '123456789012' as AccountId;
export const accountB = '210987654321' as AccountId;

export async function openTestCloud(
  options: {
    readonly directory?: string;
    readonly node?: TestNode;
    readonly recycleBinDays?: number;
    readonly durability?: 'layer' | 'vault';
    readonly layerCacheGiB?: number;
    readonly now?: () => Date;
    readonly openDatabase?: NonNullable<CloudOptions['openDatabase']>;
  } = {},
): Promise<TestCloud> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'ingot-cloud-')));
  const node = options.node ?? openSimulatedNode({ nodeId: 'node-1' as NodeId });
  const open = await openCloud({
    directory,
    config: {
      regions: ['us-east-1', 'eu-west-1'],
      zones: ['a', 'b'],
      defaultAccountId: accountA,
      baseAccountId: '801119661308' as AccountId,
      recycleBinDays: options.recycleBinDays ?? 0,
      reconcileIntervalMs: 20,
      stopDeadlineMs: 1_000,
      durability: options.durability ?? 'layer',
      vaultCollectIntervalHours: 24,
      ...(options.layerCacheGiB === undefined ? {} : { layerCacheGiB: options.layerCacheGiB }),
    },
    nodes: new Map([['node-1' as NodeId, node]]),
    log: silentLog,
    secret: new Uint8Array(32),
    ...(options.now === undefined ? {} : { now: options.now }),
    ...(options.openDatabase === undefined ? {} : { openDatabase: options.openDatabase }),
  });
  const images = await open.admin.addBase({
    imageName: 'ingot-tiny-x86_64-20260101',
    description: 'The small base',
    architecture: 'x86_64',
    firmware: 'bios',
    sshUser: 'ec2-user',
    alias: 'tiny',
    file: '/bases/tiny.qcow2',
  });
  return {
    ...open,
    node,
    directory,
    baseImageId: images['us-east-1'] ?? '',
    call: async (action, input, as = {}) => {
      const operation = (open.operations as Readonly<Record<string, unknown>>)[action];
      if (operation === undefined) throw new Error(`${action} is not served`);
      const caller = {
        accountId: accountA,
        accessKeyId: 'AKIATEST',
        region: 'us-east-1',
        requestId: 'test',
        ...as,
      };
      return (await (operation as (input: unknown, caller: Caller) => Promise<unknown>)(
        input,
        caller,
      )) as never;
    },
    reopen: async () => {
      await open.close();
      return await openTestCloud({ ...options, directory, node });
    },
    close: async () => {
      await open.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Waits until the condition holds; fails with what it last saw after five seconds. */
export async function eventually<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const until = Date.now() + 5_000;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > until) throw new Error(`It never held; last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
