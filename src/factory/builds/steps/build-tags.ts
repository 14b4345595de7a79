import { type Tags, tagKeys } from '../../aws/tags.ts';
import type { BuildInput, ProofContext } from '../build.ts';

/** Of everything that a build makes for its own time: by these it is found and removed. */
export function temporaryTags({ runId, input }: Pick<ProofContext, 'runId' | 'input'>): Tags {
  return {
    Name: `ingot build of ${input.template.slug} ${input.version}`,
    [tagKeys.build]: runId,
    [tagKeys.template]: input.template.slug,
  };
}

/** Of the image, its snapshots and its copies. The template's own tags come first and can't replace these. */
export function imageTags(
  runId: string,
  { template, version, imageName }: BuildInput,
  base: { readonly imageId: string; readonly name: string; readonly sshUser: string },
): Tags {
  return {
    ...template.tags,
    Name: imageName,
    [tagKeys.template]: template.slug,
    [tagKeys.version]: version,
    [tagKeys.build]: runId,
    [tagKeys.templateDigest]: template.digest,
    [tagKeys.base]: `${base.imageId} ${base.name}`,
    [tagKeys.sshUser]: base.sshUser,
  };
}
