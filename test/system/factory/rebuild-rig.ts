/** A server with a template whose version v1 is stable, and which is rebuilt when its base has a newer image. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readClientSecrets } from '../../../src/server/secrets.ts';
import { type FactoryRig, openFactoryRig } from './factory-rig.ts';

export interface RebuildBody {
  readonly rebuild_id: string;
  readonly version: string;
  readonly status: string;
  readonly why: string;
  readonly error: string | null;
}

export interface RebuildRig extends FactoryRig {
  /** A newer image of the base. */
  addBase(version: string): Promise<void>;
  /** Looks for what is due; why each that begins does. */
  check(): Promise<readonly string[]>;
  /** The newest first. */
  rebuilds(): Promise<readonly RebuildBody[]>;
  /** The newest, once it rests. */
  ended(): Promise<RebuildBody>;
  /** The version that is stable. */
  stable(): Promise<string | undefined>;
}

export async function openRebuildRig(): Promise<RebuildRig> {
  const rig = await openFactoryRig(
    [
      'rebuilds: [{template: sample}]',
      `notifications: [{name: pager, command: ['${process.execPath}', '-e', '']}]`,
    ].join('\n'),
  );
  await mkdir(join(rig.home, 'templates'));
  const text = [
    'name: Sample',
    'base_ami: {source: tiny, architecture: [x86_64]}',
    "setup_script: 'echo 1'",
    'readiness: {command: is-up, attempts: 1}',
  ];
  await rig.template(text.join('\n'), 'templates/sample');
  await rig.build('sample', { version: 'v1' });
  await rig.ask('POST', '/registry/promote', { reference: 'sample@v1', channel: 'stable' });
  const rebuilds = async () =>
    (await rig.ask<{ rebuilds: RebuildBody[] }>('GET', '/rebuilds?limit=1000')).body.rebuilds ?? [];
  const own: Omit<RebuildRig, keyof FactoryRig> = {
    async addBase(version) {
      const secrets = await readClientSecrets(rig.home);
      await fetch(`${rig.url}/admin/v1/bases`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secrets?.adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          ...{ imageName: `ingot-tiny-x86_64-${version}`, description: 'The small base', alias: 'tiny' },
          ...{ architecture: 'x86_64', firmware: 'bios', sshUser: 'ec2-user' },
          file: `/bases/${version}.qcow2`,
        }),
      });
    },
    async check() {
      const { body } = await rig.ask<{ started?: { why: string }[] }>('POST', '/rebuilds/check');
      return (body.started ?? []).map(({ why }) => why);
    },
    rebuilds,
    async ended() {
      for (;;) {
        const [rebuild] = await rebuilds();
        if (rebuild !== undefined && !['running', 'ending'].includes(rebuild.status)) return rebuild;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async stable() {
      const { body } = await rig.ask<{ versions: { version: string; channels: string[] }[] }>(
        'GET',
        '/registry/versions?template=sample&limit=1000',
      );
      return body.versions.find(({ channels }) => channels.includes('stable'))?.version;
    },
  };
  // The url changes with every start.
  return Object.defineProperties(own, Object.getOwnPropertyDescriptors(rig)) as RebuildRig;
}
