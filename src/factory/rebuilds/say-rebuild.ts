import type { Rest } from '../../platform/workflows/workflow.ts';
import type { DeploymentParts } from '../deployments/parts.ts';
import { notify } from '../notifications/notify.ts';
import type { RebuildContext } from './rebuild.ts';

export async function sayRebuild(
  parts: Pick<DeploymentParts, 'db' | 'now'>,
  { runId: id, input }: RebuildContext,
  { state, failure }: Rest,
): Promise<void> {
  if (state === 'cancelled') return;
  const { template, target, region, architecture, version, promoteTo, why, buildId } = input;
  const name = `${template.slug} ${version}`;
  const isReady = state === 'succeeded';
  // A build that fails says so itself.
  if (!isReady && failure?.step === 'build') return;
  await notify(parts, {
    key: `${id} ${isReady ? 'ready' : 'failed'}`,
    event: isReady ? 'ready' : 'failed',
    subject: { kind: 'rebuild', id, name, template: template.slug, target, region },
    message: isReady
      ? `${promoteTo} of ${template.slug} is ${version} now, since ${why}`
      : `${name} was built since ${why}, and ${promoteTo} went back: ${failure?.message}`,
    details: { version, architecture, channel: promoteTo, build_id: buildId, why },
  });
}
