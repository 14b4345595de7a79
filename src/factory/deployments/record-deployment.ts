import type { Factory } from '../factory.ts';
import type { DeploymentInput } from './deployment.ts';

/** Writes the job record; one that is there stays as it is. */
export async function recordDeployment(
  { db }: Pick<Factory, 'db'>,
  id: string,
  input: DeploymentInput,
): Promise<void> {
  const { template } = input;
  const row = {
    id,
    job_name: input.name,
    deployment_type: template.slug,
    version: input.version,
    mode: input.mode ?? null,
    target: input.target,
    region: input.region,
    architecture: input.architecture,
    parameters: JSON.stringify(template.parameters),
    template_digest: template.digest,
    status: 'deploying' as const,
    deployment_stage: 'instance' as const,
    instance_type: input.instanceType,
    use_cached_ami: 0,
    ready: 0,
    ready_check_attempts: 0,
    ami_creation_attempts: 0,
    created_at: input.createdAt,
  };
  await db.write((tx) =>
    tx
      .insertInto('deployments')
      .values(row)
      .onConflict((c) => c.doNothing())
      .execute(),
  );
}
