/** The tags that the factory writes; docs/reference/builds.md says what each holds. */
import type { ResourceType, Tag, TagSpecification } from '@aws-sdk/client-ec2';

export const tagKeys = {
  build: 'ingot:build',
  template: 'ingot:template',
  templateDigest: 'ingot:template-digest',
  version: 'ingot:version',
  base: 'ingot:base',
  sshUser: 'ingot:ssh-user',
  copiedFrom: 'ingot:copied-from',
  cache: 'ingot:cache',
  cacheTemplate: 'ingot:cache-template',
  cacheStep: 'ingot:cache-step',
  instance: 'ingot:instance',
  project: 'ingot:project',
  consistency: 'ingot:consistency',
  stallMs: 'ingot:stall-ms',
  freezeMs: 'ingot:freeze-ms',
} as const;

export type Tags = Readonly<Record<string, string>>;

export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value: Value.slice(0, 256) }));
}

export function tagged(types: readonly ResourceType[], tags: Tags): TagSpecification[] {
  return types.map((ResourceType) => ({ ResourceType, Tags: tagList(tags) }));
}

export function tagsOf(resource: { readonly Tags?: readonly Tag[] | undefined }): Tags {
  return Object.fromEntries((resource.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}
