/** Between rows and what the rest of the registry works with. */
import type { Selectable } from 'kysely';
import type { Architecture } from '../../platform/ids.ts';
import type { VersionTable } from './table.ts';
import type { NewVersion, Provenance, Revocation, TemplateVersion, VersionOrigin } from './version.ts';

export type VersionRow = Selectable<VersionTable>;

/** A version without its long texts: what lists, channels and decisions need. */
export interface VersionEntry {
  readonly template: string;
  readonly version: string;
  readonly region: string;
  readonly architecture: Architecture;
  readonly target: string;
  readonly imageId: string;
  readonly createdAt: string;
  readonly sizeGiB: number;
  readonly origin: VersionOrigin;
  /** Its checks passed on a machine launched from it, and the proof is here. */
  readonly proven: boolean;
  readonly buildId?: string;
  readonly revoked?: Revocation;
}

export const entryColumns = [
  'template',
  'version',
  'region',
  'architecture',
  'target',
  'image_id',
  'created_at',
  'size_gib',
  'origin',
  'validated',
  'build_id',
  'revoked_at',
  'revoked_by',
  'revoked_reason',
] as const satisfies readonly (keyof VersionTable)[];

export type EntryRow = Pick<VersionRow, (typeof entryColumns)[number]> & { readonly has_proof: number };

export function toEntry(row: EntryRow): VersionEntry {
  const revoked = toRevocation(row);
  return {
    template: row.template,
    version: row.version,
    region: row.region,
    architecture: row.architecture,
    target: row.target,
    imageId: row.image_id,
    createdAt: row.created_at,
    sizeGiB: row.size_gib,
    origin: row.origin,
    proven: row.validated === 1 && row.has_proof === 1,
    ...(row.build_id === null ? {} : { buildId: row.build_id }),
    ...(revoked === undefined ? {} : { revoked }),
  };
}

export function toVersion(row: VersionRow, packages: string | undefined): TemplateVersion {
  const revoked = toRevocation(row);
  return {
    template: row.template,
    version: row.version,
    region: row.region,
    architecture: row.architecture,
    target: row.target,
    imageId: row.image_id,
    snapshotIds: JSON.parse(row.snapshot_ids),
    createdAt: row.created_at,
    validated: row.validated === 1,
    sizeGiB: row.size_gib,
    origin: row.origin,
    ...(row.provenance === null ? {} : { provenance: JSON.parse(row.provenance) as Provenance }),
    ...(row.proof === null ? {} : { proof: JSON.parse(row.proof) }),
    ...(row.summary === null ? {} : { summary: JSON.parse(row.summary) }),
    ...(packages === undefined ? {} : { packages: JSON.parse(packages) }),
    ...(row.build_id === null ? {} : { buildId: row.build_id }),
    ...(row.log_file === null ? {} : { logFile: row.log_file }),
    ...(revoked === undefined ? {} : { revoked }),
  };
}

export function toRow(version: NewVersion, sequence: number): VersionRow {
  return {
    target: version.target,
    image_id: version.imageId,
    template: version.template,
    version: version.version,
    region: version.region,
    architecture: version.architecture,
    snapshot_ids: JSON.stringify(version.snapshotIds),
    created_at: version.createdAt,
    sequence,
    validated: version.validated ? 1 : 0,
    size_gib: version.sizeGiB,
    origin: version.origin,
    provenance: json(version.provenance),
    base_image_id: version.provenance?.baseImageId ?? null,
    parent_image_id: version.provenance?.parentImageId ?? null,
    proof: json(version.proof),
    summary: json(version.summary),
    build_id: version.buildId ?? null,
    log_file: version.logFile ?? null,
    revoked_at: null,
    revoked_by: null,
    revoked_reason: null,
  };
}

function toRevocation(
  row: Pick<VersionRow, 'revoked_at' | 'revoked_by' | 'revoked_reason'>,
): Revocation | undefined {
  if (row.revoked_at === null) return undefined;
  return { at: row.revoked_at, by: row.revoked_by ?? '', reason: row.revoked_reason ?? '' };
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
