/**
 * Taking versions over from a registry's document. They are marked `imported`, and are unproven here whatever they
 * were there. A channel that exists here stays where it points; a revocation there counts here too.
 */
import type { Database, Transaction } from '../../../platform/database/database.ts';
import type { Architecture } from '../../../platform/ids.ts';
import { FactoryError } from '../../factory-error.ts';
import type { Actor } from '../channel.ts';
import { findImageVersion } from '../find-versions.ts';
import { registerVersion } from '../record-version.ts';
import { channelImage, placeName, setChannel } from '../set-channel.ts';
import type { RegistryTables } from '../table.ts';
import type { NewVersion } from '../version.ts';
import { withdraw } from '../withdraw.ts';
import { everyAmi, type NamedAmi, namedAmis } from './amis.ts';
import { type Placed, placedValues } from './places.ts';
import { type RegistryDocument, type RegistryTemplate, registrySchema } from './schema.ts';

export interface Import extends Actor {
  readonly target: string;
  readonly at: Date;
}

export interface Imported {
  readonly versions: number;
  /** Registered here before. */
  readonly known: number;
  readonly channels: number;
  readonly revoked: number;
  /** What was left as it is here, and why. */
  readonly kept: readonly string[];
}

/** Parses the JSON text. Throws with every mistake, by its place in the document. */
export function parseRegistry(text: string, source: string): RegistryDocument {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FactoryError('invalid', `${source} is no JSON: ${(cause as Error).message}`, { cause });
  }
  const parsed = registrySchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'document'}: ${message}`,
  );
  throw new FactoryError('invalid', `${source} is no registry: ${problems.join('; ')}`);
}

/** All or nothing. */
export async function importRegistry(
  db: Database<RegistryTables>,
  document: RegistryDocument,
  given: Import,
): Promise<Imported> {
  return await db.write(async (tx) => {
    const counts = { versions: 0, known: 0, channels: 0, revoked: 0 };
    const kept: string[] = [];
    for (const [template, entry] of Object.entries(document.templates)) {
      for (const ami of everyAmi(entry)) {
        if (await importAmi(tx, template, entry, ami, given)) counts.versions++;
        else counts.known++;
        if (await importRevocation(tx, ami, given)) counts.revoked++;
      }
      for (const pointer of pointersOf(entry)) {
        const note = await importChannel(tx, template, entry, pointer, given);
        if (note === undefined) counts.channels++;
        else if (note !== '') kept.push(note);
      }
    }
    return { ...counts, kept };
  });
}

interface Pointer extends Placed<string> {
  readonly channel: string;
}

/** A document without channels has one: what `amis` shows is its latest. */
function pointersOf(template: RegistryTemplate): readonly Pointer[] {
  const channels = Object.entries(template.channels);
  if (channels.length === 0) {
    return namedAmis(template).map((each) => ({
      ...each,
      value: each.value.version,
      channel: 'latest',
    }));
  }
  return channels.flatMap(([channel, places]) => placedValues(places).map((each) => ({ ...each, channel })));
}

async function importAmi(
  tx: Transaction<RegistryTables>,
  template: string,
  entry: RegistryTemplate,
  { region, architecture, value }: NamedAmi,
  given: Import,
): Promise<boolean> {
  const version: NewVersion = {
    template,
    version: value.version,
    region,
    architecture,
    target: given.target,
    imageId: value.ami_id,
    snapshotIds: [],
    createdAt: new Date(value.created).toISOString(),
    validated: value.validated,
    sizeGiB: value.size_gb,
    origin: 'imported',
    summary: {
      description: entry.description,
      ports: entry.ports,
      estimatedCostPerHour: entry.estimated_cost_per_hour as Partial<Record<Architecture, number>>,
    },
  };
  return await registerVersion(tx, version);
}

/** The image stays as it is: it is for those who revoked it to disable it. */
async function importRevocation(
  tx: Transaction<RegistryTables>,
  { value }: NamedAmi,
  { target }: Import,
): Promise<boolean> {
  if (value.revoked === undefined) return false;
  const { at, by, reason } = value.revoked;
  const version = await findImageVersion(tx, target, value.ami_id);
  if (version === undefined || (await unrevokedSince(tx, target, value.ami_id, at))) return false;
  const { marked } = await withdraw(tx, [version], { by, why: reason }, new Date(at).toISOString());
  return marked > 0;
}

/** A document from before must not bring back what was taken back here. */
async function unrevokedSince(
  tx: Transaction<RegistryTables>,
  target: string,
  imageId: string,
  at: string,
): Promise<boolean> {
  const row = await tx
    .selectFrom('version_changes')
    .select('sequence')
    .where((where) => where.and({ target, image_id: imageId, action: 'unrevoked' }))
    .where('at', '>=', new Date(at).toISOString())
    .executeTakeFirst();
  return row !== undefined;
}

/** Undefined where it was set; else what to tell, or '' where there is nothing to tell. */
async function importChannel(
  tx: Transaction<RegistryTables>,
  template: string,
  entry: RegistryTemplate,
  { region, architecture, channel, value }: Pointer,
  { target, at, by, why }: Import,
): Promise<string | undefined> {
  const name = { target, template, region, architecture, channel };
  const image = everyAmi(entry).find(
    (each) => each.region === region && each.architecture === architecture && each.value.version === value,
  );
  const shown = `${channel} of ${template} in ${placeName(name)}`;
  if (image === undefined) return `${shown} points to ${value}, which the document does not have`;
  const present = await channelImage(tx, name);
  if (present === image.value.ami_id) return '';
  if (present !== undefined) {
    const own = await findImageVersion(tx, target, present);
    return `${shown} stays at ${own?.version ?? present}; there it points to ${value}`;
  }
  await setChannel(tx, name, image.value.ami_id, { action: 'imported', at: at.toISOString(), by, why });
  return undefined;
}
