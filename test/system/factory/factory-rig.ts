/**
 * A whole server on the simulated node whose guests only seem to be there, and a way to ask its API: every answer is held
 * against the OpenAPI document.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EC2 } from '@aws-sdk/client-ec2';
import { type AnswerChecker, answerChecker } from '../../../src/api/testing/answer-checker.ts';
import { openSimulatedNode } from '../../../src/node/simulated/simulated-node.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { openDatabase } from '../../../src/platform/database/database.ts';
import type { NodeId } from '../../../src/platform/ids.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { type KillPoints, killPoints } from '../../../src/platform/workflows/testing/kill-points.ts';
import { openServer, type RunningServer } from '../../../src/server/open-server.ts';
import { readClientSecrets } from '../../../src/server/secrets.ts';
import { type Guests, pretendGuests } from './pretend-guests.ts';

export interface BuildBody {
  readonly build_id: string;
  readonly status: string;
  readonly ami_id: string | null;
  readonly ami_name: string;
  readonly version: string;
  readonly error: { readonly step: string; readonly message: string } | null;
  readonly steps: readonly { readonly name: string; readonly cached: boolean }[];
  readonly copies: readonly { readonly region: string; readonly ami_id: string }[];
  readonly validation_results: readonly { readonly name: string; readonly status: string }[];
  readonly left_over: readonly unknown[];
}

export interface FactoryRig {
  readonly home: string;
  readonly guests: Guests;
  ec2(region?: string): EC2;
  ask<T = unknown>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer<T>>;
  /** Writes a template and answers its path. */
  template(text: string, name?: string): Promise<string>;
  build(template: string, request?: Readonly<Record<string, unknown>>): Promise<BuildBody>;
  /** Waits until the build rests. */
  settled(id: string): Promise<BuildBody>;
  /** Everything that a build makes for its own time, in the regions where it does. */
  leftOvers(): Promise<Readonly<Record<string, readonly string[]>>>;
  readonly url: string;
  restart(kill?: KillPoints): Promise<void>;
  close(): Promise<void>;
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

const regions = ['us-east-1', 'eu-west-1'];

/** `settings`: more lines of its configuration. */
export async function openFactoryRig(settings = ''): Promise<FactoryRig> {
  const home = await mkdtemp(join(tmpdir(), 'ingot-factory-'));
  await writeFile(
    join(home, 'config.yaml'),
    `regions: [${regions.join(', ')}]\nreconcileIntervalMs: 20\n${settings}`,
  );
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId });
  const guests = pretendGuests();
  let server = await open(killPoints());
  const clients = new Map<string, EC2>();

  async function open(kill: KillPoints): Promise<RunningServer> {
    guests.beforeExec = () => {
      if (kill.struck) throw new Error('the process was killed');
    };
    const killable: typeof openDatabase = async (file, migrations) =>
      kill.database(await openDatabase(file, migrations));
    const config = await loadConfig({ home, port: 0 }, {});
    const patience = { bootPatienceMs: 1_000, checkPatienceMs: 100 };
    const factory = { connect: guests.connect, openDatabase: killable, ...patience };
    return await openServer(config, { log: silentLog, node, factory });
  }
  async function secrets() {
    const found = await readClientSecrets(home);
    if (found === undefined) throw new Error('the server has no secrets');
    return found;
  }
  async function send(method: string, path: string, body?: unknown) {
    const { adminToken } = await secrets();
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (path.startsWith('/api/v1/')) await (await checker()).check({ method, path }, response);
    return { status: response.status, body: await response.json() };
  }
  let known: AnswerChecker | undefined;
  async function checker(): Promise<AnswerChecker> {
    const { adminToken } = await secrets();
    const headers = { authorization: `Bearer ${adminToken}` };
    known ??= answerChecker(await (await fetch(`${server.url}/api/v1/openapi.json`, { headers })).json());
    return known;
  }
  await send('POST', '/admin/v1/bases', {
    imageName: 'ingot-tiny-x86_64-20260101',
    description: 'The small base',
    architecture: 'x86_64',
    firmware: 'bios',
    sshUser: 'ec2-user',
    alias: 'tiny',
    file: '/bases/tiny.qcow2',
  });
  const { root } = await secrets();
  const rig: FactoryRig = {
    home,
    get url() {
      return server.url;
    },
    guests,
    ec2(region = 'us-east-1') {
      const known = clients.get(region) ?? new EC2({ region, endpoint: server.url, credentials: root });
      clients.set(region, known);
      return known;
    },
    ask: async (method, path, body) => (await send(method, `/api/v1${path}`, body)) as Answer<never>,
    async template(text, name = 'sample') {
      const file = join(home, `${name}.yml`);
      await writeFile(file, text);
      return file;
    },
    async build(template, request = {}) {
      const begun = await rig.ask<BuildBody>('POST', '/builds', { template, ...request });
      if (begun.status !== 202) throw new Error(JSON.stringify(begun.body));
      return await rig.settled(begun.body.build_id);
    },
    async settled(id) {
      for (;;) {
        const { body } = await rig.ask<BuildBody>('GET', `/builds/${id}`);
        if (body.status !== 'running' && body.status !== 'ending') return body;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    leftOvers: async () => {
      const found = await Promise.all(regions.map((region) => temporaryThings(rig.ec2(region))));
      const kinds = Object.keys(found[0] ?? {}) as (keyof (typeof found)[number])[];
      return Object.fromEntries(kinds.map((kind) => [kind, found.flatMap((each) => each[kind])]));
    },
    async restart(kill = killPoints()) {
      await server.close();
      for (const client of clients.values()) client.destroy();
      clients.clear();
      server = await open(kill);
    },
    async close() {
      for (const client of clients.values()) client.destroy();
      await server.close();
      await node.close();
      await rm(home, { recursive: true, force: true });
    },
  };
  return rig;
}

async function temporaryThings(ec2: EC2) {
  const { Reservations = [] } = await ec2.describeInstances({});
  const { KeyPairs = [] } = await ec2.describeKeyPairs({});
  const { SecurityGroups = [] } = await ec2.describeSecurityGroups({});
  const { Volumes = [] } = await ec2.describeVolumes({});
  const { Images = [] } = await ec2.describeImages({ Owners: ['self'] });
  const { Snapshots = [] } = await ec2.describeSnapshots({ OwnerIds: ['self'] });
  const ofImages = Images.flatMap(({ BlockDeviceMappings = [] }) =>
    BlockDeviceMappings.map(({ Ebs }) => Ebs?.SnapshotId),
  );
  const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
  return {
    instances: instances
      .filter(({ State }) => State?.Name !== 'terminated')
      .map((each) => each.InstanceId ?? ''),
    keyPairs: KeyPairs.map((each) => each.KeyName ?? ''),
    securityGroups: SecurityGroups.map((each) => each.GroupName ?? '').filter((name) => name !== 'default'),
    volumes: Volumes.map((each) => each.VolumeId ?? ''),
    snapshots: Snapshots.filter(({ Tags = [] }) => !Tags.some(({ Key }) => Key === 'ingot:cache'))
      .map((each) => each.SnapshotId ?? '')
      .filter((id) => !ofImages.includes(id)),
    cacheImages: Images.map((each) => each.Name ?? '').filter((name) => name.startsWith('ingot-cache-')),
  };
}

export const nothing = {
  instances: [],
  keyPairs: [],
  securityGroups: [],
  volumes: [],
  snapshots: [],
  cacheImages: [],
};
