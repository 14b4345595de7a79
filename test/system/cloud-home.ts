/** A whole Ingot in this process, on a home of its own that finds the base images of other tests. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EC2 } from '@aws-sdk/client-ec2';
import type { BaseName } from '../../guest/build.ts';
import { addBase } from '../../src/cli/bases.ts';
import { type Context, localContext } from '../../src/cli/context.ts';
import { loadConfig } from '../../src/platform/config.ts';
import type { Architecture } from '../../src/platform/ids.ts';
import { openServer } from '../../src/server/open-server.ts';
import { openForShell } from './cloud-guests.ts';
import { killMachines } from './node-kit.ts';

const bases = join(tmpdir(), 'ingot-test-bases');

export interface CloudHome {
  readonly folder: string;
  readonly context: Context;
  /** Of the first region. */
  readonly ec2: EC2;
  ec2In(region: string): EC2;
  /** Builds or finds the base, and answers its image's id in the first region. */
  addBase(name: BaseName, architecture?: Architecture): Promise<string>;
  /** Kills the VMs. A failed test keeps the folder: consoles, QEMU's words, the server's log. */
  close(options: { readonly keep: boolean }): Promise<void>;
}

/** Each region lets this host in by SSH, with the tests' key. */
export async function openCloudHome(regions: readonly string[] = ['us-east-1']): Promise<CloudHome> {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-cloud-'));
  await mkdir(bases, { recursive: true });
  await symlink(bases, join(folder, 'bases'));
  const config = `regions: [${regions.join(', ')}]\nreconcileIntervalMs: 500\n`;
  await writeFile(join(folder, 'config.yaml'), config);
  const server = await openServer(await loadConfig({ home: folder, port: 0 }));
  const context = await localContext(folder);
  if (context === undefined) throw new Error('the server left no record of itself');
  const { credentials } = context;
  const clients = new Map(
    regions.map((region) => [region, new EC2({ endpoint: server.url, region, credentials })]),
  );
  for (const client of clients.values()) await openForShell(client);
  const ec2In = (region: string) => {
    const client = clients.get(region);
    if (client === undefined) throw new Error(`the home has no region ${region}`);
    return client;
  };
  return {
    folder,
    context,
    ec2: ec2In(context.region),
    ec2In,
    async addBase(name, architecture = 'x86_64') {
      const { images } = await addBase(context, name, architecture, () => undefined);
      return images[context.region] ?? '';
    },
    async close({ keep }) {
      for (const client of clients.values()) client.destroy();
      await server.close();
      await killMachines(join(folder, 'nodes', 'node-1'));
      if (keep) process.stderr.write(`kept for inspection: ${folder}\n`);
      else await rm(folder, { recursive: true, force: true });
    },
  };
}
