/**
 * How people name versions: `r-research@v1.2.3`, `r-research@stable`, `r-research` (its latest), `ami-0123…`.
 * A reference stands for one version in each region and architecture that has it.
 */
import type { Kysely } from 'kysely';
import type { Architecture } from '../../platform/ids.ts';
import { FactoryError } from '../factory-error.ts';
import { latest } from './channel.ts';
import { findVersions } from './find-versions.ts';
import { listChannels } from './set-channel.ts';
import type { RegistryTables } from './table.ts';
import type { VersionEntry } from './version-row.ts';

export type Reference =
  | { readonly imageId: string }
  /** `name`: a version or a channel. */
  | { readonly template: string; readonly name: string };

/** Narrows what a reference stands for. */
export interface Places {
  readonly target: string;
  readonly region?: string | undefined;
  readonly architecture?: Architecture | undefined;
}

type Reader = Pick<Kysely<RegistryTables>, 'selectFrom'>;

export function parseReference(text: string): Reference {
  if (/^ami-[0-9a-f]{8,17}$/.test(text)) return { imageId: text };
  const [, template, name = latest] = /^([^@]+)(?:@(.+))?$/s.exec(text) ?? [];
  if (template !== undefined) return { template, name };
  throw new FactoryError(
    'invalid',
    `'${text}' names no version: give TEMPLATE, TEMPLATE@VERSION, TEMPLATE@CHANNEL or an image's id`,
  );
}

/** Never empty: throws `not-found` with what there is instead. */
export async function selectVersions(
  db: Reader,
  reference: Reference,
  { target, region, architecture }: Places,
): Promise<readonly VersionEntry[]> {
  const places = { target, region, architecture };
  if ('imageId' in reference) {
    const found = await findVersions(db, { ...places, imageId: reference.imageId });
    if (found.length > 0) return found;
    throw new FactoryError('not-found', `No version is registered for ${reference.imageId}${within(places)}`);
  }
  const { template, name } = reference;
  const all = await findVersions(db, { ...places, template });
  const named = all.filter(({ version }) => version === name);
  if (named.length > 0) return named;
  const channels = await listChannels(db, { ...places, template });
  const current = new Set(channels.filter(({ channel }) => channel === name).map(({ imageId }) => imageId));
  const found = all.filter(({ imageId }) => current.has(imageId));
  if (found.length > 0) return found;
  throw new FactoryError('not-found', notFound(template, name, all, channels, within(places)));
}

function notFound(
  template: string,
  name: string,
  versions: readonly VersionEntry[],
  channels: readonly { readonly channel: string }[],
  where: string,
): string {
  if (versions.length === 0)
    return `No version of ${template} is registered${where}: ingot ami build makes one`;
  const known = (names: readonly string[]) => [...new Set(names)].slice(0, 10).join(', ');
  const named = known(versions.map(({ version }) => version));
  const channelNames = known(channels.map(({ channel }) => channel));
  return `${template} has no version or channel ${name}${where}. Versions: ${named}. Channels: ${channelNames}`;
}

function within({ target, region, architecture }: Places): string {
  const place = [region, architecture].filter((part) => part !== undefined).join('/');
  return ` in ${place === '' ? '' : `${place} of `}the target ${target}`;
}
