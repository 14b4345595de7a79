import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Context } from '../context.ts';
import { targetEnd } from './target-end.ts';

const keys = { accessKeyId: 'AKIAHOME', secretAccessKey: 'of this home' };
let context: Context;

beforeEach(async () => {
  const home = await mkdtemp(join(tmpdir(), 'ingot-target-end-'));
  context = { home, url: 'http://127.0.0.1:7979', token: '', credentials: keys, region: 'us-east-1' };
  const lab = {
    kind: 'endpoint',
    url: 'http://lab.example:7979',
    keys: { access_key_id: 'AKIALAB', secret_access_key: 'of the lab' },
    regions: ['eu-west-1', 'us-east-1'],
  };
  await writeFile(join(home, 'targets.yaml'), JSON.stringify({ targets: { lab } }));
});
afterEach(() => rm(context.home, { recursive: true }));

it('goes where the target says, with its keys, to its first region unless told', async () => {
  const end = await targetEnd(context, 'lab', undefined);
  expect(end).toMatchObject({ title: 'lab eu-west-1', region: 'eu-west-1' });
  for (const { config } of [end.ec2, end.ebs]) {
    expect(await config.region()).toBe('eu-west-1');
    expect(await config.endpoint?.()).toMatchObject({ hostname: 'lab.example', port: 7979 });
    expect(await config.credentials()).toMatchObject({ accessKeyId: 'AKIALAB' });
  }
  expect((await targetEnd(context, 'lab', 'us-east-1')).region).toBe('us-east-1');
  const local = await targetEnd(context, 'local', undefined);
  expect(await local.ec2.config.credentials()).toMatchObject(keys);
});

it('refuses a name that is no target, and tells the nearest', async () => {
  await expect(targetEnd(context, 'lap', undefined)).rejects.toThrow(
    "There is no target 'lap'. Did you mean lab?",
  );
});
