import type { Kysely } from 'kysely';
import { latest } from '../channel.ts';
import { findVersions, readVersion } from '../find-versions.ts';
import { type ChannelEntry, listChannels } from '../set-channel.ts';
import type { RegistryTables } from '../table.ts';
import type { TemplateSummary } from '../version.ts';
import type { VersionEntry } from '../version-row.ts';
import { nested, sortedObject } from './places.ts';
import { type RegistryAmi, type RegistryDocument, type RegistryTemplate, registryFormat } from './schema.ts';

export interface Export {
  readonly target: string;
  /** What `amis` shows of each template; a template without this channel shows its latest. */
  readonly channel: string;
  readonly template?: string | undefined;
}

type Reader = Pick<Kysely<RegistryTables>, 'selectFrom'>;

/** The same registry gives the same document: `last_updated` is when it last changed. */
export async function exportRegistry(
  db: Reader,
  { target, channel, template }: Export,
): Promise<RegistryDocument> {
  const versions = await findVersions(db, { target, template });
  const channels = await listChannels(db, { target, template });
  const templates: [string, RegistryTemplate][] = [];
  for (const [slug, own] of Map.groupBy(versions, (version) => version.template)) {
    const pointers = channels.filter((each) => each.template === slug);
    const summary = await newestSummary(db, own);
    templates.push([slug, exportTemplate(own, pointers, summary, channel)]);
  }
  return {
    version: registryFormat,
    last_updated: atSecond(await lastChange(db, target)),
    templates: sortedObject(templates),
  };
}

export function registryText(document: RegistryDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

function exportTemplate(
  versions: readonly VersionEntry[],
  pointers: readonly ChannelEntry[],
  summary: TemplateSummary | undefined,
  channel: string,
): RegistryTemplate {
  const shown = pointers.some((each) => each.channel === channel) ? channel : latest;
  const images = new Set(pointers.filter((each) => each.channel === shown).map(({ imageId }) => imageId));
  const current = versions.filter(({ imageId }) => images.has(imageId));
  const version = (current[0] ?? versions[0])?.version ?? '';
  const byImage = new Map(versions.map((each) => [each.imageId, each]));
  return {
    version,
    description: summary?.description ?? '',
    amis: nested(
      current.map((each) => {
        const differs = each.version === version ? {} : { version: each.version };
        return { ...each, value: { ...exportAmi(each), ...differs } };
      }),
    ),
    ports: summary?.ports ?? [],
    estimated_cost_per_hour: summary?.estimatedCostPerHour ?? {},
    channels: sortedObject(
      [...Map.groupBy(pointers, (each) => each.channel)].map(([name, group]) => [
        name,
        nested(group.map((each) => ({ ...each, value: byImage.get(each.imageId)?.version ?? '' }))),
      ]),
    ),
    versions: [...Map.groupBy(versions, (each) => each.version)].map(([name, group]) => ({
      version: name,
      amis: nested(group.map((each) => ({ ...each, value: exportAmi(each) }))),
    })),
  };
}

function exportAmi(version: VersionEntry): RegistryAmi {
  return {
    ami_id: version.imageId,
    created: atSecond(version.createdAt),
    validated: version.proven,
    size_gb: version.sizeGiB,
    ...(version.revoked === undefined ? {} : { revoked: version.revoked }),
  };
}

async function newestSummary(
  db: Reader,
  newestFirst: readonly VersionEntry[],
): Promise<TemplateSummary | undefined> {
  for (const { target, imageId } of newestFirst) {
    const { summary } = await readVersion(db, target, imageId);
    if (summary !== undefined) return summary;
  }
  return undefined;
}

async function lastChange(db: Reader, target: string): Promise<string> {
  const times = await Promise.all([
    newest(
      db.selectFrom('versions').select('created_at as at').where('target', '=', target).orderBy('at', 'desc'),
    ),
    newest(db.selectFrom('channel_moves').select('at').where('target', '=', target).orderBy('at', 'desc')),
    newest(db.selectFrom('version_changes').select('at').where('target', '=', target).orderBy('at', 'desc')),
  ]);
  return times.toSorted().at(-1) ?? '';
}

async function newest(query: {
  limit(count: number): { executeTakeFirst(): Promise<{ at: string } | undefined> };
}): Promise<string> {
  return (await query.limit(1).executeTakeFirst())?.at ?? new Date(0).toISOString();
}

/** `2026-11-21T06:54:00Z`, as the form always had it; milliseconds only where there are some. */
function atSecond(time: string): string {
  return time.replace('.000Z', 'Z');
}
