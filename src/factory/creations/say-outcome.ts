import type { Rest } from '../../platform/workflows/workflow.ts';
import { notify } from '../notifications/notify.ts';
import type { CreationContext } from './creation-input.ts';
import type { CreationParts } from './parts.ts';
import { placesOf } from './steps/share-with.ts';

/** Whoever is told of images hears how a creation ended; of one that somebody cancelled, nothing. */
export async function sayOutcome(parts: CreationParts, context: CreationContext, rest: Rest): Promise<void> {
  if (rest.state === 'cancelled') return;
  const { runId: id, input } = context;
  const { target, region, architecture, version, registered, instance } = input;
  const template = registered === undefined ? undefined : input.template.slug;
  const name = template === undefined ? input.imageName : `${template} ${version}`;
  const isReady = rest.state === 'succeeded';
  const event = isReady ? 'ready' : 'failed';
  const images = isReady
    ? placesOf(context).map((place) => ({ region: place.region, ami_id: place.imageId }))
    : [];
  const failedRegions = (context.saved('copies') ?? []).filter(({ status }) => status === 'failed');
  const { step, message } = rest.failure ?? {};
  await notify(parts, {
    key: `${id} ${event}`,
    event,
    subject: { kind: 'creation', id, name, ...(template === undefined ? {} : { template }), target, region },
    message: isReady
      ? `${name}, the image of ${instance.name}, is ready: ${images.map((image) => image.ami_id).join(', ')}`
      : `${name}, the image of ${instance.name}, could not be made: ${step}: ${message}`,
    details: {
      architecture,
      instance_id: instance.id,
      ...(isReady
        ? { images, failed_regions: failedRegions.map((copy) => copy.region) }
        : { step, error: message }),
    },
  });
}
