import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountId } from '../../platform/ids.ts';
import { accountA, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import { addAccessKey, addAccount, ensureAccount, findAccessKey, listAccounts } from './accounts.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await openTestCloud();
});
afterAll(() => cloud.close());

describe('accounts', () => {
  it('are there for the root credentials and for base images from the start', async () => {
    const names = (await listAccounts(cloud.cloud)).map((account) => account.name);
    expect(names.sort()).toEqual(['amazon', 'default']);
  });

  it('are made with a key in AWS’s form, which the gateway finds', async () => {
    const key = await addAccount(cloud.cloud, 'research');
    expect(key.accountId).toMatch(/^\d{12}$/);
    expect(key.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(key.secretAccessKey).toMatch(/^[\w+/]{40}$/);
    expect(await findAccessKey(cloud.cloud, key.accessKeyId)).toEqual(key);
    expect(await findAccessKey(cloud.cloud, 'AKIAUNKNOWN')).toBeUndefined();
  });

  it('have a name of their own, also when two ask for it at once', async () => {
    const made = await Promise.allSettled([addAccount(cloud.cloud, 'twin'), addAccount(cloud.cloud, 'twin')]);
    expect(made.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(addAccount(cloud.cloud, 'A b')).rejects.toThrow(/cannot name an account/);
  });

  it('get further keys; an account that is not there gets none', async () => {
    const key = await addAccessKey(cloud.cloud, accountA, 'second');
    expect((await findAccessKey(cloud.cloud, key.accessKeyId))?.userName).toBe('second');
    await expect(addAccessKey(cloud.cloud, '999999999999' as AccountId, 'x')).rejects.toThrow(/no account/);
  });

  it('are made for a newly configured number although the name is taken', async () => {
    const accountId = '111122223333' as AccountId;
    await ensureAccount(cloud.cloud, accountId, 'default');
    await ensureAccount(cloud.cloud, accountId, 'default');
    const made = (await listAccounts(cloud.cloud)).filter((account) => account.accountId === accountId);
    expect(made.map((account) => account.name)).toEqual([`default-${accountId}`]);
  });
});
