/** A deployment as the API shows it: the fields of the job records that it takes over, and those that are new. */
import { z } from '@hono/zod-openapi';
import type { Deployment } from '../../factory/deployments/deployment.ts';
import type { DeploymentRequest } from '../../factory/deployments/prepare-deployment.ts';
import { amiCreationStatuses, deploymentStatuses } from './statuses.ts';

const userDataBytes = 16 * 1024;

export const deploymentRequestSchema = z
  .strictObject({
    app: z.string().min(1).describe("A template's slug, or a path"),
    from: z.string().startsWith('/').optional().describe('What a relative path is relative to'),
    version: z.string().min(1).max(96).describe('Of the app: its image is known by it'),
    mode: z.string().min(1).max(64).optional(),
    job_name: z.string().min(1).max(255).optional().describe("The machine's tag Name too"),
    parameters: z.record(z.string(), z.string()).optional(),
    target: z.string().optional(),
    region: z.string().optional(),
    architecture: z.enum(['x86_64', 'arm64']).optional(),
    size: z.string().optional().describe('S, M, L, XL, GPU-L, or an instance type'),
    user_data: z
      .base64()
      .refine((text) => Buffer.from(text, 'base64').length <= userDataBytes, 'must be 16 KiB at most')
      .optional()
      .describe("For the machine's first boot; no image keeps it"),
    public_key: z.string().max(8192).optional().describe('Whose private half gets in by SSH too'),
    source: z
      .string()
      .regex(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, 'must be a range, such as 203.0.113.7/32')
      .optional()
      .describe('Who reaches its ports; everybody unless told'),
    fresh: z.boolean().optional().describe('The whole set-up runs, whatever image there is'),
  })
  .openapi('DeploymentRequest');

export function toDeploymentRequest(body: z.output<typeof deploymentRequestSchema>): DeploymentRequest {
  const { job_name: name, user_data: userData, public_key: authorizedKey, source: openTo, ...same } = body;
  return { ...same, name, userData, authorizedKey, openTo };
}

export const deploymentSchema = z
  .object({
    id: z.string(),
    job_name: z.string(),
    deployment_type: z.string().describe("The app: its template's slug"),
    version: z.string(),
    mode: z.string().nullable(),
    target: z.string(),
    region: z.string(),
    architecture: z.enum(['x86_64', 'arm64']),
    parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    status: z.enum(deploymentStatuses),
    deployment_stage: z.enum(['instance', 'set-up', 'services', 'ready']),
    error: z.string().nullable(),
    instance_id: z.string().nullable(),
    instance_type: z.string().nullable(),
    address: z.string().nullable().describe('Where SSH answers'),
    ami_id: z.string().nullable().describe('What it was launched from'),
    use_cached_ami: z.boolean().describe('That image has the set-up: only the first boot’s part ran'),
    services_count: z.number().nullable(),
    ready: z.boolean(),
    ready_checked_at: z.string().nullable(),
    ready_check_attempts: z.number(),
    ready_at: z.string().nullable(),
    ready_seconds: z.number().nullable().describe('From the launch to ready'),
    fresh_seconds: z
      .number()
      .nullable()
      .describe('What deployments of the same inputs took with the whole set-up, on average'),
    saved_seconds: z.number().nullable(),
    created_at: z.string(),
    deleted_at: z.string().nullable(),
    created_ami_id: z.string().nullable().describe('The image that was made of it'),
    ami_creation_status: z.enum(amiCreationStatuses).nullable(),
    ami_created_at: z.string().nullable(),
    ami_creation_error: z.string().nullable(),
    ami_creation_reason: z.string().nullable().describe('Why it was skipped, or what it waits for'),
    ami_creation_attempts: z.number(),
    log_url: z.string(),
  })
  .openapi('Deployment');

export function toDeploymentBody(deployment: Deployment): z.output<typeof deploymentSchema> {
  const { image, readyMs, freshMs } = deployment;
  const seconds = (ms: number | undefined) => (ms === undefined ? null : ms / 1000);
  const savedMs = readyMs === undefined || freshMs === undefined ? undefined : freshMs - readyMs;
  return {
    id: deployment.id,
    job_name: deployment.jobName,
    deployment_type: deployment.app,
    version: deployment.version,
    mode: deployment.mode ?? null,
    target: deployment.target,
    region: deployment.region,
    architecture: deployment.architecture,
    parameters: deployment.parameters,
    status: deployment.status,
    deployment_stage: deployment.stage,
    error: deployment.error ?? null,
    instance_id: deployment.instanceId ?? null,
    instance_type: deployment.instanceType ?? null,
    address: deployment.address ?? null,
    ami_id: deployment.imageId ?? null,
    use_cached_ami: deployment.usesGoldenImage,
    services_count: deployment.servicesCount ?? null,
    ready: deployment.ready,
    ready_checked_at: deployment.checkedAt ?? null,
    ready_check_attempts: deployment.checkAttempts,
    ready_at: deployment.readyAt ?? null,
    ready_seconds: seconds(readyMs),
    fresh_seconds: seconds(freshMs),
    saved_seconds: seconds(savedMs),
    created_at: deployment.createdAt,
    deleted_at: deployment.deletedAt ?? null,
    created_ami_id: image.imageId ?? null,
    ami_creation_status: image.status ?? null,
    ami_created_at: image.createdAt ?? null,
    ami_creation_error: image.error ?? null,
    ami_creation_reason: image.reason ?? null,
    ami_creation_attempts: image.attempts,
    log_url: `/api/v1/deployments/${deployment.id}/log`,
  };
}
