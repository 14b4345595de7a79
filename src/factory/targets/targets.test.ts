import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { openTestTarget, type TestTarget } from '../testing/test-target.ts';
import { loginInWords, loginProvider, roleOf } from './aws-login.ts';
import { checkTarget } from './check-target.ts';
import { openTargets } from './open-targets.ts';
import { targetSettingsSchema } from './settings.ts';
import type { Targets } from './target.ts';

let rig: TestTarget;
let directory: string;
let targets: Targets;

beforeAll(async () => {
  rig = await openTestTarget();
});
afterAll(() => rig.close());

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ingot-targets-'));
  const local = { endpoint: rig.url, credentials: rig.credentials, regions: ['us-east-1', 'eu-west-1'] };
  targets = openTargets({ directory, local });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

const role = 'arn:aws:iam::210987654321:role/builds';

test("no variable and no AWS file redirects the built-in cloud's target", async () => {
  const config = join(directory, 'config');
  await writeFile(
    config,
    '[profile other]\nendpoint_url = http://127.0.0.1:1\naws_access_key_id = AKIAOTHER\n',
  );
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_EC2: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1',
    AWS_ACCESS_KEY_ID: 'AKIAOTHER',
    AWS_SECRET_ACCESS_KEY: 'other',
    AWS_SESSION_TOKEN: 'other',
    AWS_REGION: 'ap-south-1',
    AWS_PROFILE: 'other',
    AWS_CONFIG_FILE: config,
    AWS_USE_FIPS_ENDPOINT: 'true',
    AWS_MAX_ATTEMPTS: '1',
    AWS_AUTH_METHOD: 'assume_role',
    AWS_ASSUME_ROLE_ARN: role,
  })) {
    vi.stubEnv(name, value);
  }
  const local = await targets.get('local');
  const ec2 = await local.client('eu-west-1');
  const { Regions = [] } = await ec2.describeRegions({});
  expect(Regions.map(({ RegionName }) => RegionName)).toContain('eu-west-1');
  expect(await local.accountId()).toBe('123456789012');
  expect(await ec2.config.maxAttempts()).toBeGreaterThan(1);
  expect(await ec2.config.retryMode).toBe('adaptive');
});

test("an AWS target goes to AWS's own address of the region, whatever the variables say", async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_EC2', 'http://127.0.0.1:1');
  await targets.add('prod', { kind: 'aws', profile: 'prod', regions: ['eu-central-1', 'cn-north-1'] });
  const prod = await targets.get('prod');
  const addressIn = async (region: string) => {
    const ec2 = await prod.client(region);
    return (await ec2.config.endpoint?.())?.hostname;
  };
  expect(await addressIn('eu-central-1')).toBe('ec2.eu-central-1.amazonaws.com');
  expect(await addressIn('cn-north-1')).toBe('ec2.cn-north-1.amazonaws.com.cn');
});

test("keys that stand beside another endpoint are not taken for AWS's", async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_EC2', 'http://127.0.0.1:7979');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAINGOT');
  await targets.add('prod', { kind: 'aws' });
  const prod = await targets.get('prod');
  await expect(prod.client('us-east-1')).rejects.toThrow('Give the target a profile or keys');
});

test('any EC2 endpoint is a target', async () => {
  const { accessKeyId, secretAccessKey } = rig.credentials;
  const keys = { access_key_id: accessKeyId, secret_access_key: secretAccessKey };
  const lab = await targets.add('lab', { kind: 'endpoint', url: rig.url, keys, regions: ['us-west-2'] });
  expect(lab).toMatchObject({ kind: 'endpoint', regions: ['us-west-2'] });
  expect(await lab.accountId()).toBe('123456789012');
  const { Images = [] } = await (await lab.client('us-west-2')).describeImages({ Owners: ['amazon'] });
  expect(Images).toHaveLength(1);
});

test('targets are kept in a file that its owner alone reads, and comments in it stay', async () => {
  const file = join(directory, 'targets.yaml');
  await writeFile(file, '# ours\ntargets:\n  # the lab\n  lab: {kind: aws, profile: lab}\n', { mode: 0o644 });
  await targets.add('prod', { kind: 'aws', profile: 'prod', builder: { subnet_id: 'subnet-0a' } });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).toMatch(/# ours[\s\S]*# the lab/);
  expect((await targets.describe()).targets.map(({ name }) => name)).toEqual(['local', 'lab', 'prod']);
  expect((await targets.get('prod')).builder).toEqual({
    instanceType: { x86_64: 't3.medium', arm64: 't4g.medium' },
    subnetId: 'subnet-0a',
    address: 'public',
    sshSource: '0.0.0.0/0',
  });
  await targets.remove('lab');
  await expect(targets.get('lab')).rejects.toThrow("There is no target 'lab'. There are local, prod");
});

test('an unchanged target keeps its clients, a changed one gets new ones', async () => {
  const before = await targets.get('local');
  expect(await targets.get('local')).toBe(before);
  await targets.add('local', { kind: 'local', builder: { instance_type: { x86_64: 't3.large' } } });
  const after = await targets.get('local');
  expect(after).not.toBe(before);
  expect(after.builder.instanceType).toEqual({ x86_64: 't3.large', arm64: 't4g.micro' });
});

test('an entry with a mistake is told with its place where it is used or listed, and stops no other', async () => {
  const file = join(directory, 'targets.yaml');
  await writeFile(
    file,
    'targets:\n  lab:\n    kind: aws\n    profil: x\n  Prod 1: {kind: aws}\n  prod: {kind: aws}\n',
  );
  const mistake = 'targets.yaml:4:5: targets.lab.profil: is not a known field. Did you mean `profile`?';
  expect(await (await targets.get('local')).accountId()).toBe('123456789012');
  expect((await targets.get('prod')).kind).toBe('aws');
  await expect(targets.get('lab')).rejects.toThrow(mistake);
  await expect(targets.add('lab', { kind: 'aws' })).rejects.toThrow('--replace');
  const { targets: known, mistakes } = await targets.describe();
  expect(known.map(({ name }) => name)).toEqual(['local', 'prod']);
  expect(mistakes).toEqual([
    { name: 'lab', message: expect.stringContaining(mistake) },
    { name: 'Prod 1', message: expect.stringContaining('targets.yaml:5:3') },
  ]);
  await targets.remove('Prod 1');
  await targets.add('lab', { kind: 'aws', profile: 'x' }, { replace: true });
  expect((await targets.describe()).mistakes).toEqual([]);
});

test("a mistake in the built-in target's own entry is not passed over", async () => {
  await writeFile(
    join(directory, 'targets.yaml'),
    'targets:\n  local: {kind: local, builder: {adress: x}}\n',
  );
  await expect(targets.get('local')).rejects.toThrow('Did you mean `address`?');
});

test('a file that is no list of targets is refused whatever is asked for', async () => {
  await writeFile(join(directory, 'targets.yaml'), 'target: {}\n');
  await expect(targets.get('local')).rejects.toThrow('Did you mean `targets`?');
});

test('a name is refused where it is taken, odd, or built in', async () => {
  await targets.add('prod', { kind: 'aws' });
  await expect(targets.add('prod', { kind: 'aws' })).rejects.toThrow('--replace');
  await targets.add('prod', { kind: 'aws', profile: 'x' }, { replace: true });
  await expect(targets.add('Prod 1', { kind: 'aws' })).rejects.toThrow('lower-case');
  await expect(targets.add('local', { kind: 'aws' })).rejects.toThrow('the one named local');
  await expect(targets.remove('local')).rejects.toThrow('built in');
  await expect(targets.get('prd')).rejects.toThrow("There is no target 'prd'. Did you mean prod?");
});

test('what is shown of a target holds no secret', async () => {
  const keys = { access_key_id: 'AKIASHOWN', secret_access_key: 'hidden-1', session_token: 'hidden-2' };
  await targets.add('prod', { kind: 'aws', keys, role: { arn: role, external_id: 'hidden-3' } });
  const shown = JSON.stringify(await targets.describe());
  expect(shown).toContain(`keys AKIASHOWN, as ${role}`);
  expect(shown).not.toContain('hidden');
});

test('AWS_AUTH_METHOD=assume_role takes on the role that the variables name', () => {
  const env = {
    AWS_AUTH_METHOD: 'assume_role',
    AWS_ASSUME_ROLE_ARN: role,
    AWS_EXTERNAL_ID: 'theirs',
    AWS_SESSION_NAME: 'nightly',
  };
  expect(roleOf({ kind: 'aws' }, env)).toEqual({
    arn: role,
    externalId: 'theirs',
    sessionName: 'nightly',
    durationSeconds: 3600,
  });
  expect(roleOf({ kind: 'aws' }, { ...env, AWS_AUTH_METHOD: 'access_keys' })).toBeUndefined();
  expect(roleOf({ kind: 'aws', profile: 'mine' }, env)).toBeUndefined();
  expect(() => roleOf({ kind: 'aws' }, { AWS_AUTH_METHOD: 'assume_role' })).toThrow('AWS_ASSUME_ROLE_ARN');
  expect(() => roleOf({ kind: 'aws' }, { AWS_AUTH_METHOD: 'magic' })).toThrow('assume_role or access_keys');
});

test('a role is asked of STS with its external id and session name, and its keys are used', async () => {
  const asked: URLSearchParams[] = [];
  const sts = await fakeSts((form) => asked.push(form));
  const { port } = sts.address() as AddressInfo;
  const provider = await loginProvider(
    {
      kind: 'aws',
      keys: { access_key_id: 'AKIAOWN', secret_access_key: 'own' },
      role: { arn: role, external_id: 'theirs', session_name: 'nightly', duration_seconds: 900 },
    },
    { region: 'us-east-1', endpoint: `http://127.0.0.1:${port}` },
    {},
  );
  expect(await provider()).toMatchObject({ accessKeyId: 'ASIAROLE', sessionToken: 'token' });
  expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
    Action: 'AssumeRole',
    RoleArn: role,
    ExternalId: 'theirs',
    RoleSessionName: 'nightly',
    DurationSeconds: '900',
  });
  sts.close();
});

test('an endpoint without keys of its own is refused before anything is sent', async () => {
  const without = targetSettingsSchema.safeParse({ kind: 'endpoint', url: rig.url });
  expect(without.error?.issues[0]?.message).toContain('needs `keys` or a `profile`');
  await expect(
    loginProvider({ kind: 'endpoint', url: rig.url }, { region: 'us-east-1', endpoint: rig.url }, {}),
  ).rejects.toThrow('needs `keys` or a `profile`');
  expect(loginInWords({ kind: 'endpoint', url: rig.url, profile: 'lab' })).toBe('profile lab');
});

test('a check says who we are, where, and what may be done, and changes nothing', async () => {
  const local = await targets.get('local');
  const checks = await checkTarget(local, {
    region: 'us-east-1',
    wanted: ['build', 'copy', 'share', 'cleanup'],
  });
  expect(checks.filter(({ status }) => status === 'failed')).toEqual([]);
  expect(checks.find(({ name }) => name === 'identity')?.message).toBe('account 123456789012');
  expect(checks.find(({ name }) => name === 'ec2:RunInstances')?.status).toBe('passed');
  expect(checks.find(({ name }) => name === 'ec2:DeregisterImage')).toMatchObject({
    status: 'unknown',
    message: 'not known: nothing is here to ask it about (InvalidAMIID.NotFound)',
  });
  const ec2 = await local.client('us-east-1');
  expect((await ec2.describeKeyPairs({})).KeyPairs).toEqual([]);
  expect((await ec2.describeSecurityGroups({})).SecurityGroups).toHaveLength(1);
});

test('a check of a login that is refused says so and stops', async () => {
  const keys = { access_key_id: 'AKIANOBODY', secret_access_key: 'nothing' };
  const lab = await targets.add('lab', { kind: 'endpoint', url: rig.url, keys });
  const checks = await checkTarget(lab, { region: 'us-east-1', wanted: ['build'] });
  expect(checks).toEqual([
    {
      name: 'identity',
      status: 'failed',
      message: expect.stringMatching(/^(InvalidClientTokenId|AuthFailure): /),
    },
  ]);
});

async function fakeSts(onForm: (form: URLSearchParams) => void): Promise<Server> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    onForm(new URLSearchParams(body));
    response.setHeader('content-type', 'text/xml');
    response.end(
      '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>' +
        '<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>' +
        '<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
