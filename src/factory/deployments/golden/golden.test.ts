/** The key of an image, its name, the reservation, and looking for what there is. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EC2 } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../../platform/database/database.ts';
import { type FactorySchema, migrations } from '../../schema.ts';
import type { Target, Targets } from '../../targets/target.ts';
import { loadTemplate } from '../../templates/load-template.ts';
import type { App, DeploymentInput } from '../deployment.ts';
import { findGoldenImage } from './find-golden-image.ts';
import { goldenName } from './golden-name.ts';
import { imageKey } from './image-key.ts';
import { completeKeys, giveKeysBack, type Reservation, reserveKey } from './reserve-key.ts';

const yaml = `
name: Shop
base_ami: {source: tiny}
parameters: {size: {default: small}, host: {default: a}}
steps: [{name: set-up, run: echo $size}]
first_boot: [{name: host, run: echo $host}]
readiness: {tcp: {port: 80}}
golden_image: true
`;

async function inputOf(
  parameters: Readonly<Record<string, string>> = {},
  more: Partial<DeploymentInput> = {},
  text = yaml,
): Promise<DeploymentInput> {
  const template = await loadTemplate('/shop.yml', { directories: [], text, parameters });
  const { goldenImage } = template;
  return {
    template: { ...template, steps: [...template.steps, ...template.firstBoot] } as App,
    setUpSteps: template.steps.length,
    ...(goldenImage === undefined ? {} : { goldenImage }),
    given: {},
    name: 'shop',
    version: 'v1',
    target: 'local',
    region: 'us-east-1',
    architecture: 'x86_64',
    instanceType: 't3.micro',
    openTo: '0.0.0.0/0',
    fresh: false,
    createdAt: '2026-01-21T18:00:00.000Z',
    cache: { use: false },
    ...more,
  };
}

const base = { digest: 'ami-0000000a' };

describe('the key', () => {
  test('is another with every input that decides what is in the image', async () => {
    const keys = [
      imageKey(await inputOf(), base),
      imageKey(await inputOf({ size: 'large' }), base),
      imageKey(await inputOf({}, { version: 'v2' }), base),
      imageKey(await inputOf({}, { mode: 'full' }), base),
      imageKey(await inputOf({}, { region: 'eu-west-1' }), base),
      imageKey(await inputOf({}, { architecture: 'arm64' }), base),
      imageKey(await inputOf({}, { target: 'prod' }), base),
      imageKey(await inputOf({}, {}, yaml.replace('echo $size', 'echo other $size')), base),
      imageKey(await inputOf({}, {}, `${yaml}clean: {logs: false}\n`), base),
      imageKey(await inputOf(), { digest: 'ami-0000000b' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('is the same whatever only the first boot reads, and however the template is told', async () => {
    const key = imageKey(await inputOf(), base);
    expect(imageKey(await inputOf({ host: 'b' }), base)).toBe(key);
    expect(imageKey(await inputOf({}, {}, `# a comment\n${yaml}description: other\n`), base)).toBe(key);
  });
});

test('the name keeps its time whole, and has nothing that EC2 refuses', () => {
  const now = new Date('2026-01-21T18:00:00Z');
  const name = { app: 'kamiwaza', version: 'v0.9.2', now };
  expect(goldenName('{app}-golden-{version}-{time}', name)).toBe('kamiwaza-golden-v0.9.2-20260121-180000');
  expect(goldenName('{app}-{mode}-{time}-x', { ...name, mode: 'a b:c' })).toBe(
    'kamiwaza-a b-c-20260121-180000-x',
  );
  const long = goldenName('{app}-{version}-{time}', { ...name, version: 'v'.repeat(200) });
  expect(long).toHaveLength(128);
  expect(long.endsWith('20260121-180000')).toBe(true);
});

describe('the reservation', () => {
  let folder: string;
  let db: Database<FactorySchema>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ingot-golden-'));
    db = await openDatabase<FactorySchema>(join(folder, 'factory.db'), migrations);
  });

  afterEach(async () => {
    await db.close();
    await rm(folder, { recursive: true });
  });

  const at = '2026-01-21T18:00:00.000Z';
  const key = (region: string): Reservation => ({
    key: `key-${region}`,
    target: 'local',
    region,
    app: 'shop',
    version: 'v1',
    mode: null,
    architecture: 'x86_64',
  });

  test('is had by one, kept when it is asked for again, and free when it is given back', async () => {
    const [here, there] = [key('us-east-1'), key('eu-west-1')];
    const taken = { outcome: 'taken', regions: ['eu-west-1'] };
    expect(await reserveKey({ db }, 'deploy-1', here, [there], at)).toEqual(taken);
    expect(await reserveKey({ db }, 'deploy-1', here, [there], at)).toEqual(taken);
    const elsewhere = { outcome: 'elsewhere', deploymentId: 'deploy-1' };
    expect(await reserveKey({ db }, 'deploy-2', here, [], at)).toEqual(elsewhere);
    expect(await reserveKey({ db }, 'deploy-3', there, [here], at)).toEqual(elsewhere);
    await giveKeysBack({ db }, 'deploy-1');
    expect(await reserveKey({ db }, 'deploy-2', here, [], at)).toEqual({ outcome: 'taken', regions: [] });
  });

  test('is a record of the image when it is there, in each region that got one', async () => {
    const [here, there] = [key('us-east-1'), key('eu-west-1')];
    await reserveKey({ db }, 'deploy-1', here, [there], at);
    await completeKeys({ db }, 'deploy-1', [{ region: 'us-east-1', imageId: 'ami-1' }]);
    const completed = { outcome: 'completed', imageId: 'ami-1' };
    expect(await reserveKey({ db }, 'deploy-2', here, [], at)).toEqual(completed);
    expect(await reserveKey({ db }, 'deploy-2', there, [], at)).toMatchObject({ outcome: 'taken' });
  });

  test('a look-up that fails is an error, and never "none"', async () => {
    const failing = {
      describeImages: async () => {
        throw new Error('the target does not answer');
      },
    } as unknown as EC2;
    const target = { name: 'local', client: async () => failing } as unknown as Target;
    const targets = { get: async () => target } as unknown as Targets;
    const input = await inputOf();
    await expect(findGoldenImage({ db, targets }, input, 'key-us-east-1')).rejects.toThrow('does not answer');
    await reserveKey({ db }, 'deploy-1', key('us-east-1'), [], at);
    await completeKeys({ db }, 'deploy-1', [{ region: 'us-east-1', imageId: 'ami-1' }]);
    await expect(findGoldenImage({ db, targets }, input, 'key-us-east-1')).rejects.toThrow('does not answer');
  });
});
