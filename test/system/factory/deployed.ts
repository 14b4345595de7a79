/** Deployments on a rig: apps to deploy, and what became of them. */
import type { Image } from '@aws-sdk/client-ec2';
import type { Context } from '../../../src/cli/context.ts';
import { readClientSecrets } from '../../../src/server/secrets.ts';
import type { FactoryRig } from './factory-rig.ts';

export interface DeploymentBody {
  readonly id: string;
  readonly job_name: string;
  readonly status: string;
  readonly deployment_stage: string;
  readonly error: string | null;
  readonly mode: string | null;
  readonly instance_id: string | null;
  readonly ami_id: string | null;
  readonly use_cached_ami: boolean;
  readonly ready: boolean;
  readonly ready_check_attempts: number;
  readonly ready_seconds: number | null;
  readonly fresh_seconds: number | null;
  readonly saved_seconds: number | null;
  readonly created_ami_id: string | null;
  readonly ami_creation_status: string | null;
  readonly ami_created_at: string | null;
  readonly ami_creation_error: string | null;
  readonly ami_creation_reason: string | null;
  readonly ami_creation_attempts: number;
}

/** `more`: fields of the template in place of these. */
export function appYaml(more: Readonly<Record<string, string>> = {}): string {
  const fields = {
    name: 'Shop',
    base_ami: '{source: tiny, architecture: [x86_64]}',
    parameters: '{mode: {required: false}, size: {default: small}, token: {secret: true, required: false}}',
    steps: '[{name: set-up, run: "echo $mode $size"}]',
    first_boot: '[{name: token, run: "echo first $token"}]',
    validation_tests: '[{name: it works, command: check it}]',
    readiness: '{command: is it up, interval: 50ms, attempts: 5}',
    golden_image: '{delay: 0s, attempts: 2}',
    ...more,
  };
  return Object.entries(fields)
    .filter(([, text]) => text !== '')
    .map(([field, text]) => `${field}: ${text}\n`)
    .join('');
}

export async function startDeploying(
  rig: FactoryRig,
  app: string,
  request: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const begun = await rig.ask<DeploymentBody>('POST', '/deployments', { app, version: 'v1', ...request });
  if (begun.status !== 202) throw new Error(JSON.stringify(begun.body));
  return begun.body.id;
}

/** Waits until nothing more is done for it. */
export async function rested(rig: FactoryRig, id: string): Promise<DeploymentBody> {
  for (;;) {
    const body = await shown(rig, id);
    const imageUnderWay = ['pending', 'creating'].includes(body.ami_creation_status ?? '');
    const decided = body.status !== 'ready' || body.ami_creation_status !== null;
    if (!['deploying', 'deleting'].includes(body.status) && decided && !imageUnderWay) return body;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function shown(rig: FactoryRig, id: string): Promise<DeploymentBody> {
  return (await rig.ask<DeploymentBody>('GET', `/deployments/${id}`)).body;
}

export async function deploy(
  rig: FactoryRig,
  app: string,
  request: Readonly<Record<string, unknown>> = {},
): Promise<DeploymentBody> {
  return await rested(rig, await startDeploying(rig, app, request));
}

export async function ownImages(rig: FactoryRig, region?: string): Promise<readonly Image[]> {
  return (await rig.ec2(region).describeImages({ Owners: ['self'] })).Images ?? [];
}

/** Instances that run, and whatever is there for a time only. */
export async function leftOver(rig: FactoryRig) {
  const { instances, keyPairs, securityGroups, snapshots } = await rig.leftOvers();
  return {
    instances,
    keyPairs,
    // A group of openings is shared, and stays.
    securityGroups: securityGroups?.filter((name) => name.includes('deploy-')),
    snapshots,
  };
}

export async function logOf(rig: FactoryRig, id: string): Promise<readonly string[]> {
  const { adminToken = '' } = (await readClientSecrets(rig.home)) ?? {};
  const headers = { authorization: `Bearer ${adminToken}` };
  const response = await fetch(`${rig.url}/api/v1/deployments/${id}/log`, { headers });
  return (await response.text()).split('\n');
}

/** On real machines: waits until it and its image rest. */
export async function deployAt(
  context: Pick<Context, 'url' | 'token'>,
  request: Readonly<Record<string, unknown>>,
): Promise<DeploymentBody> {
  const begun = await askAt<DeploymentBody>(context, 'POST', '/deployments', request);
  for (;;) {
    const now = await askAt<DeploymentBody>(context, 'GET', `/deployments/${begun.id}`);
    const image = now.ami_creation_status ?? 'pending';
    if (now.status !== 'deploying' && image !== 'pending' && image !== 'creating') return now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Answers when its machine is gone. */
export async function deleteAt(context: Pick<Context, 'url' | 'token'>, id: string): Promise<DeploymentBody> {
  return await askAt(context, 'DELETE', `/deployments/${id}`);
}

async function askAt<T>(
  { url, token }: Pick<Context, 'url' | 'token'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}
