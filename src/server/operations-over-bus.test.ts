import { expect, test } from 'vitest';
import { Ec2Fault } from '../ec2/faults.ts';
import type { Caller, Operations } from '../ec2/types.ts';
import { inProcessBus } from '../platform/bus/in-process.ts';
import type { AccountId } from '../platform/ids.ts';
import { operationsOverBus, serveOperations } from './operations-over-bus.ts';

const caller: Caller = {
  accountId: '123456789012' as AccountId,
  accessKeyId: 'AKIAEXAMPLE',
  region: 'us-east-1',
  requestId: 'r-1',
};

const operations: Operations = {
  DescribeRegions: async (_input, { region }) => ({ Regions: [{ RegionName: region }] }),
  DeleteVolume: async ({ VolumeId }) => {
    throw new Ec2Fault('InvalidVolume.NotFound', `The volume '${VolumeId}' does not exist.`);
  },
};

test('an operation gets its input and its caller over the bus, and the answer comes back', async () => {
  const bus = inProcessBus();
  await serveOperations(bus, operations);
  const remote = operationsOverBus(bus, Object.keys(operations));
  expect(await remote.DescribeRegions?.({}, caller)).toEqual({ Regions: [{ RegionName: 'us-east-1' }] });
});

test('a fault of the cloud is the fault of the gateway', async () => {
  const bus = inProcessBus();
  await serveOperations(bus, operations);
  const remote = operationsOverBus(bus, Object.keys(operations));
  await expect(remote.DeleteVolume?.({ VolumeId: 'vol-1' }, caller)).rejects.toMatchObject({
    code: 'InvalidVolume.NotFound',
  });
});

test('without a cloud on the bus an operation is unavailable, with 503', async () => {
  const remote = operationsOverBus(inProcessBus(), Object.keys(operations));
  await expect(remote.DescribeRegions?.({}, caller)).rejects.toMatchObject({
    code: 'Unavailable',
    status: 503,
  });
});
