/** A target to try the factory on: a real server over HTTP, on machines that are simulated. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EBS } from '@aws-sdk/client-ebs';
import { EC2 } from '@aws-sdk/client-ec2';
import { openSimulatedNode } from '../../node/simulated/simulated-node.ts';
import { loadConfig } from '../../platform/config.ts';
import type { NodeId } from '../../platform/ids.ts';
import { silentLog } from '../../platform/log.ts';
import { openServer } from '../../server/open-server.ts';
import { readClientSecrets } from '../../server/secrets.ts';
import type { Target } from '../targets/target.ts';

export interface TestTarget {
  readonly target: Target;
  readonly home: string;
  readonly url: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** The base image `tiny` in each region. */
  readonly baseImages: Readonly<Record<string, string>>;
  /** A further account of the cloud: its keys. */
  account(name: string): Promise<TestTarget['credentials']>;
  close(): Promise<void>;
}

export async function openTestTarget(): Promise<TestTarget> {
  const home = await mkdtemp(join(tmpdir(), 'ingot-target-'));
  const config = await loadConfig({ home, port: 0 }, {});
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId });
  const server = await openServer(config, { log: silentLog, node });
  const secrets = await readClientSecrets(home);
  if (secrets === undefined) throw new Error(`the server wrote no secrets into ${home}`);
  const clients = new Map<string, EC2>();
  const client = async (region: string) => {
    const known = clients.get(region) ?? new EC2({ region, endpoint: server.url, credentials: secrets.root });
    clients.set(region, known);
    return known;
  };
  return {
    home,
    url: server.url,
    credentials: secrets.root,
    baseImages: await addBase(server.url, secrets.adminToken),
    target: {
      name: 'local',
      kind: 'local',
      regions: config.regions,
      builder: {
        instanceType: { x86_64: 't3.micro', arm64: 't4g.micro' },
        address: 'public',
        sshSource: '127.0.0.1/32',
      },
      client,
      ebs: async (at) => new EBS({ region: at, endpoint: server.url, credentials: secrets.root }),
      accountId: async () => config.accounts.default,
    },
    account: (name) => addAccount(server.url, secrets.adminToken, name),
    close: async () => {
      for (const each of clients.values()) each.destroy();
      await server.close();
      await rm(home, { recursive: true });
    },
  };
}

async function addAccount(url: string, token: string, name: string): Promise<TestTarget['credentials']> {
  const answer = await fetch(`${url}/admin/v1/accounts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  return (await answer.json()) as TestTarget['credentials'];
}

async function addBase(url: string, token: string): Promise<Readonly<Record<string, string>>> {
  const answer = await fetch(`${url}/admin/v1/bases`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      imageName: 'ingot-tiny-x86_64-20260101',
      description: 'The small base',
      architecture: 'x86_64',
      firmware: 'bios',
      sshUser: 'ec2-user',
      alias: 'tiny',
      file: '/bases/tiny.qcow2',
    }),
  });
  const { images } = (await answer.json()) as { readonly images: Readonly<Record<string, string>> };
  return images;
}
