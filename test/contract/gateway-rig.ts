/** A gateway on a free port with scripted operations, for the official clients and for raw sockets. */
import type { AddressInfo } from 'node:net';
import { EC2Client } from '@aws-sdk/client-ec2';
import { createGateway, type GatewayParts } from '../../src/ec2/gateway.ts';
import { createHttpServer } from '../../src/ec2/http-server.ts';
import type { AccessKey } from '../../src/ec2/types.ts';
import type { AccountId } from '../../src/platform/ids.ts';
import { silentLog } from '../../src/platform/log.ts';

export const testKey: AccessKey = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  accountId: '123456789012' as AccountId,
  userName: 'alice',
};

export const testRegion = 'us-east-1';

export interface GatewayRig {
  readonly port: number;
  readonly endpoint: string;
  client(overrides?: Partial<ConstructorParameters<typeof EC2Client>[0]>): EC2Client;
  close(): Promise<void>;
}

export async function startGateway(parts: Partial<GatewayParts> = {}): Promise<GatewayRig> {
  const handler = createGateway({
    operations: {},
    keys: async (id) => (id === testKey.accessKeyId ? testKey : undefined),
    log: silentLog,
    regions: [testRegion, 'eu-west-1'],
    ...parts,
  });
  const server = createHttpServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    port,
    endpoint,
    client: (overrides = {}) =>
      new EC2Client({ endpoint, region: testRegion, credentials: testKey, maxAttempts: 1, ...overrides }),
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}
