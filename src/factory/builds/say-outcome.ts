import type { Rest } from '../../platform/workflows/workflow.ts';
import { notify } from '../notifications/notify.ts';
import type { BuildContext } from './build.ts';
import type { BuildParts } from './parts.ts';

/** Whoever is told of builds hears how one ended; of one that somebody cancelled, nothing. */
export async function sayOutcome(parts: BuildParts, context: BuildContext, rest: Rest): Promise<void> {
  if (rest.state === 'cancelled') return;
  const { runId: id, input } = context;
  const { target, region, architecture, version } = input;
  const template = input.template.slug;
  const name = `${template} ${version}`;
  const isReady = rest.state === 'succeeded';
  const event = isReady ? 'ready' : 'failed';
  const imageId = isReady ? context.saved('image')?.imageId : undefined;
  const copies = (context.saved('copies') ?? []).map((copy) => ({
    region: copy.region,
    ami_id: copy.imageId,
  }));
  const { step, message } = rest.failure ?? {};
  await notify(parts, {
    key: `${id} ${event}`,
    event,
    subject: { kind: 'build', id, name, template, target, region },
    message: isReady
      ? `${name} for ${architecture} is built and proven: ${imageId} in ${region}`
      : `${name} for ${architecture} could not be built: ${step}: ${message}`,
    details: {
      version,
      architecture,
      ...(isReady ? { ami_id: imageId, copies } : { step, error: message, held: rest.state === 'held' }),
    },
  });
}
