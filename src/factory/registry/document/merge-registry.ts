/** Bringing a document up to date: what others wrote into it stays, what this registry knows is laid over it. */
import type { Architecture } from '../../../platform/ids.ts';
import { compareVersions } from '../../versions/compare-versions.ts';
import { namedAmis } from './amis.ts';
import { nested, type Placed, placedValues, sortedObject } from './places.ts';
import type { PerPlace, RegistryAmi, RegistryDocument, RegistryTemplate } from './schema.ts';

/** Which part of the new document counts; all of it unless told. */
export interface Part {
  readonly template?: string | undefined;
  readonly region?: string | undefined;
  readonly architecture?: Architecture | undefined;
}

export function mergeRegistry(
  into: RegistryDocument,
  from: RegistryDocument,
  part: Part = {},
): RegistryDocument {
  const templates = new Map(Object.entries(into.templates));
  for (const [slug, entry] of Object.entries(from.templates)) {
    if (part.template !== undefined && part.template !== slug) continue;
    templates.set(slug, mergeTemplate(templates.get(slug), entry, part));
  }
  return {
    version: into.version,
    last_updated: [into.last_updated, from.last_updated].toSorted().at(-1) ?? '',
    templates: sortedObject([...templates]),
  };
}

function mergeTemplate(
  into: RegistryTemplate | undefined,
  from: RegistryTemplate,
  part: Part,
): RegistryTemplate {
  const counts = (each: Placed<unknown>) =>
    (part.region ?? each.region) === each.region &&
    (part.architecture ?? each.architecture) === each.architecture;
  const over = <T>(below: PerPlace<T> = {}, above: PerPlace<T> = {}) =>
    nested([...placedValues(below), ...placedValues(above).filter(counts)]);

  const versions = [...new Set([...(into?.versions ?? []), ...from.versions].map((each) => each.version))]
    .map((version) => ({ version, amis: over(amisOfVersion(into, version), amisOfVersion(from, version)) }))
    .filter(({ amis }) => placedValues(amis).length > 0)
    .toSorted((a, b) => compareVersions(dated(b), dated(a)));
  // What was current before may have been revoked since, and then have no successor.
  const revoked = new Set(versions.flatMap(({ amis }) => placedValues(amis)).flatMap(revokedId));
  const current = placedValues(over(into && nested(namedAmis(into)), nested(namedAmis(from)))).filter(
    ({ value }) => !revoked.has(value.ami_id),
  );
  const version = newestOf(current) ?? from.version;
  const channels = [...new Set([...Object.keys(into?.channels ?? {}), ...Object.keys(from.channels)])]
    .map((name) => [name, over(into?.channels[name], from.channels[name])] as const)
    .filter(([, places]) => placedValues(places).length > 0);
  return {
    version,
    description: from.description,
    amis: nested(
      current.map((each) => {
        const { version: own, ...value } = each.value;
        return { ...each, value: own === version ? value : { ...value, version: own } };
      }),
    ),
    ports: from.ports,
    estimated_cost_per_hour: from.estimated_cost_per_hour,
    channels: sortedObject(channels),
    versions,
  };
}

function amisOfVersion(template: RegistryTemplate | undefined, version: string): RegistryTemplate['amis'] {
  return template?.versions.find((each) => each.version === version)?.amis ?? {};
}

function revokedId({ value }: Placed<RegistryAmi>): readonly string[] {
  return value.revoked === undefined ? [] : [value.ami_id];
}

function newestOf(amis: readonly Placed<RegistryAmi & { readonly version: string }>[]): string | undefined {
  return amis
    .map(({ value }) => ({ version: value.version, createdAt: value.created }))
    .toSorted(compareVersions)
    .at(-1)?.version;
}

function dated({ version, amis }: RegistryTemplate['versions'][number]) {
  const times = placedValues(amis).map(({ value }) => value.created);
  return { version, createdAt: times.toSorted().at(-1) ?? '' };
}
