import { describe, expect, it } from 'vitest';
import type { AccountId } from '../platform/ids.ts';
import { dispatchOperation, servedOperation } from './dispatch.ts';
import { endDryRun } from './dry-run.ts';
import type { Operations } from './types.ts';

const caller = { accountId: '1' as AccountId, accessKeyId: 'a', region: 'us-east-1', requestId: 'r' };

const operations: Operations = {
  CreateImage: async (input) => {
    endDryRun(input);
    return { ImageId: `ami-of-${input.InstanceId}` };
  },
  DeregisterImage: async () => ({ Return: true }),
};

describe('dispatch', () => {
  it('calls the operation with input and caller', async () => {
    const output = await dispatchOperation(
      operations,
      'CreateImage',
      { InstanceId: 'i-1' } as object,
      caller,
    );
    expect(output).toEqual({ ImageId: 'ami-of-i-1' });
  });

  it('refuses an action that is not served so that no client retries', () => {
    for (const name of ['CreateVpc', 'toString', '__proto__']) {
      expect(() => servedOperation(operations, name)).toThrow(
        expect.objectContaining({ code: 'UnsupportedOperation', status: 400 }),
      );
    }
  });

  it('ends a dry run with DryRunOperation', async () => {
    await expect(
      dispatchOperation(operations, 'CreateImage', { DryRun: true }, caller),
    ).rejects.toMatchObject({
      code: 'DryRunOperation',
      status: 412,
      message: 'Request would have succeeded, but DryRun flag is set.',
    });
  });

  it('treats an operation that acts on a dry run as a defect', async () => {
    await expect(dispatchOperation(operations, 'DeregisterImage', { DryRun: true }, caller)).rejects.toThrow(
      'DeregisterImage returned although DryRun was set',
    );
  });
});
