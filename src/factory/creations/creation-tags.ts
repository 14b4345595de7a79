import { type Tags, tagKeys } from '../aws/tags.ts';
import type { CreationInput } from './creation-input.ts';

/** Of the image, its snapshots and its copies. What people gave comes first and can't replace what Ingot says. */
export function creationTags(runId: string, input: CreationInput): Tags {
  const { instance, registered, template, project } = input;
  const isSaved = registered?.writesTemplate === true;
  return {
    ...(isSaved ? savedTags(template.slug) : { Name: input.imageName }),
    ...input.tags,
    ...(registered === undefined
      ? {}
      : { [tagKeys.template]: template.slug, [tagKeys.version]: input.version }),
    ...(project === undefined ? {} : { [tagKeys.project]: project }),
    [tagKeys.build]: runId,
    [tagKeys.instance]: instance.id,
    [tagKeys.base]: `${instance.imageId} ${instance.imageName}`,
    [tagKeys.sshUser]: instance.sshUser,
  };
}

/** Also those of machines that are launched from the saved template. */
export function savedTags(template: string): Tags {
  return { Name: template, Type: 'saved-instance', Source: 'Ingot-Save' };
}
