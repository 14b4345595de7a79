/** Tells whoever asked to hear of it that a deployment, or its image, came to be or did not. */
import { notify } from '../notifications/notify.ts';
import type { DeploymentInput } from './deployment.ts';
import type { DeploymentParts } from './parts.ts';

interface Said {
  readonly deploymentId: string;
  readonly deployment: DeploymentInput;
}

type Parts = Pick<DeploymentParts, 'db' | 'now'>;

export async function sayReady(parts: Parts, { deploymentId, deployment }: Said, ms: number): Promise<void> {
  await notify(parts, {
    key: `deployment ${deploymentId} ready`,
    event: 'ready',
    subject: subjectOf(deploymentId, deployment),
    message: `${nameOf(deployment)} is ready after ${Math.round(ms / 1000)} s`,
    details: { ready_seconds: ms / 1000 },
  });
}

export async function sayFailed(
  parts: Parts,
  { deploymentId, deployment }: Said,
  error: string,
): Promise<void> {
  await notify(parts, {
    // Resumed, it can fail again, of something else.
    key: `deployment ${deploymentId} failed: ${error}`,
    event: 'failed',
    subject: subjectOf(deploymentId, deployment),
    message: `${nameOf(deployment)} is not ready: ${error}`,
  });
}

export async function sayImageReady(
  parts: Parts,
  { deploymentId, deployment }: Said,
  imageId: string,
): Promise<void> {
  await notify(parts, {
    key: `deployment ${deploymentId} image ready`,
    event: 'ready',
    subject: { ...subjectOf(deploymentId, deployment), kind: 'image', id: imageId },
    message: `${imageId} is the image of ${nameOf(deployment)}`,
    details: { deployment_id: deploymentId },
  });
}

export async function sayImageFailed(
  parts: Parts,
  { deploymentId, deployment }: Said,
  error: string,
): Promise<void> {
  await notify(parts, {
    key: `deployment ${deploymentId} image failed`,
    event: 'failed',
    subject: subjectOf(deploymentId, deployment),
    message: `No image of ${nameOf(deployment)} was made: ${error}. The deployment is as it was`,
  });
}

function nameOf({ template, version, mode }: DeploymentInput): string {
  return `${template.slug} ${version}${mode === undefined ? '' : ` (${mode})`}`;
}

function subjectOf(id: string, deployment: DeploymentInput) {
  const { template, target, region } = deployment;
  return {
    kind: 'deployment',
    id,
    name: nameOf(deployment),
    template: template.slug,
    target,
    region,
  } as const;
}
