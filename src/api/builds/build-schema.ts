/** A build as the API shows it. */
import { z } from '@hono/zod-openapi';
import type { Build } from '../../factory/builds/find-build.ts';

const validationResult = z
  .object({
    name: z.string(),
    status: z.enum(['passed', 'failed']),
    output: z.string(),
    error: z.string().optional(),
  })
  .openapi('ValidationResult');

const problem = z.object({ step: z.string(), message: z.string() });

export const buildSchema = z
  .object({
    build_id: z.string(),
    batch_id: z.string().optional(),
    template: z.string(),
    version: z.string(),
    target: z.string(),
    region: z.string(),
    architecture: z.enum(['x86_64', 'arm64']),
    status: z.enum(['running', 'ending', 'held', 'succeeded', 'failed', 'cancelled']),
    ami_id: z.string().nullable().describe("The image in the build's own region"),
    ami_name: z.string(),
    copies: z.array(z.object({ region: z.string(), ami_id: z.string() })),
    instance_id: z.string().nullable().describe('The machine that it was built on'),
    created_at: z.string(),
    ended_at: z.string().nullable(),
    build_time_seconds: z.number(),
    log_url: z.string(),
    validation_results: z.array(validationResult),
    proof: z
      .object({ boot_seconds: z.number(), ssh_seconds: z.number(), console_tail: z.string(), at: z.string() })
      .nullable(),
    steps: z.array(
      z.object({ name: z.string(), key: z.string(), cached: z.boolean(), duration_seconds: z.number() }),
    ),
    stages: z.array(z.object({ name: z.string(), state: z.string(), seconds: z.number().nullable() })),
    error: problem.nullable(),
    left_over: z.array(problem).describe('What could not be removed; cancelling the build tries again'),
  })
  .openapi('Build');

export function toBuildBody(build: Build): z.output<typeof buildSchema> {
  const { proof, error } = build;
  return {
    build_id: build.id,
    ...(build.batchId === undefined ? {} : { batch_id: build.batchId }),
    template: build.template,
    version: build.version,
    target: build.target,
    region: build.region,
    architecture: build.architecture,
    status: build.state,
    ami_id: build.imageId ?? null,
    ami_name: build.imageName,
    copies: build.copies.map(({ region, imageId }) => ({ region, ami_id: imageId })),
    instance_id: build.instanceId ?? null,
    created_at: build.createdAt,
    ended_at: build.endedAt ?? null,
    build_time_seconds: build.buildTimeMs / 1000,
    log_url: `/api/v1/builds/${build.id}/log`,
    validation_results: build.validationResults.map(({ name, status, output, error: why }) => ({
      name,
      status,
      output,
      ...(why === undefined ? {} : { error: why }),
    })),
    proof:
      proof === undefined
        ? null
        : {
            boot_seconds: proof.bootMs / 1000,
            ssh_seconds: proof.sshMs / 1000,
            console_tail: proof.consoleTail,
            at: proof.at,
          },
    steps: build.steps.map(({ name, key, cached, durationMs }) => ({
      name,
      key,
      cached,
      duration_seconds: durationMs / 1000,
    })),
    stages: build.stages.map(({ name, state, ms }) => ({
      name,
      state,
      seconds: ms === undefined ? null : ms / 1000,
    })),
    error: error ?? null,
    left_over: [...build.leftOver],
  };
}
