/**
 * The YAML of a saved template. What people wrote into it since the version before stays: only what a save knows
 * better is set.
 */
import { Document, parseDocument } from 'yaml';
import type { Architecture } from '../../platform/ids.ts';
import type { Tags } from '../aws/tags.ts';

export interface SavedFacts {
  readonly name: string;
  readonly description: string;
  readonly instanceName: string;
  /** ISO 8601 */
  readonly savedAt: string;
  readonly architecture: Architecture;
  readonly images: readonly { readonly region: string; readonly imageId: string }[];
  readonly instanceType: string;
  readonly sshUser: string;
  readonly ports: readonly number[];
  /** US dollars; undefined where no price is known. */
  readonly costPerHour: number | undefined;
  readonly tags: Tags;
}

/** `before`: the file as it is. */
export function savedTemplateText(before: string | undefined, saved: SavedFacts): string {
  const { architecture, images } = saved;
  const document = before === undefined ? firstDocument(saved) : parseDocument(before);
  // Only the first version's machine is the original.
  if (!document.has('original_instance')) document.set('original_instance', saved.instanceName);
  if (saved.description !== '' || !document.has('description')) {
    document.set('description', saved.description);
  }
  document.set('saved_from', saved.instanceName);
  document.set('saved_date', saved.savedAt);
  for (const { region, imageId } of images) {
    document.setIn(['ami_config', 'amis', region, architecture], imageId);
  }
  for (const { region } of images) {
    document.setIn(['ami_config', 'instance_types', region, architecture], saved.instanceType);
  }
  document.setIn(['ami_config', 'ssh_user'], saved.sshUser);
  document.set('ports', document.createNode(saved.ports, { flow: true }));
  for (const [key, value] of Object.entries(saved.tags)) document.setIn(['tags', key], value);
  if (saved.costPerHour !== undefined) {
    document.setIn(['estimated_cost_per_hour', architecture], saved.costPerHour);
  }
  return document.toString({
    lineWidth: 0,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    flowCollectionPadding: false,
  });
}

function firstDocument({ name, description, instanceName, savedAt }: SavedFacts): Document {
  return new Document({
    name,
    description,
    base: 'saved-instance',
    source: 'saved-from-instance',
    original_instance: instanceName,
    saved_from: instanceName,
    saved_date: savedAt,
    ami_config: {},
    ports: [],
    estimated_cost_per_hour: {},
    tags: {},
  });
}
