/** What is different between two versions, from what they carry themselves: no image is opened. */
import type {
  BootProof,
  BuiltStep,
  GuestPackages,
  InstalledPackage,
  Provenance,
  TemplateVersion,
  ValidationResult,
} from './version.ts';

export interface VersionDiff {
  readonly from: VersionName;
  readonly to: VersionName;
  /** Absent where one of them carries no list of packages. */
  readonly packages?: PackagesDiff;
  readonly figures: FiguresDiff;
  readonly base: Change<string | undefined>;
  readonly templateChanged: boolean | undefined;
  readonly steps: readonly StepDiff[];
  readonly checks: readonly CheckDiff[];
}

export interface VersionName {
  readonly template: string;
  readonly version: string;
  readonly region: string;
  readonly architecture: string;
  readonly target: string;
  readonly imageId: string;
}

export interface Change<T> {
  readonly from: T;
  readonly to: T;
}

export interface PackagesDiff {
  readonly added: readonly InstalledPackage[];
  readonly removed: readonly InstalledPackage[];
  readonly changed: readonly {
    readonly name: string;
    readonly architecture: string;
    readonly from: string;
    readonly to: string;
  }[];
  readonly unchanged: number;
}

export interface FiguresDiff {
  readonly sizeGiB: Change<number>;
  readonly bootMs: Change<number | undefined>;
  readonly sshMs: Change<number | undefined>;
}

/** `changed`: of the same name, but not the same work. */
export interface StepDiff {
  readonly name: string;
  readonly status: 'added' | 'removed' | 'changed' | 'same';
  readonly durationMs: Change<number | undefined>;
}

/** `undefined`: that version has no such check. */
export interface CheckDiff {
  readonly name: string;
  readonly status: Change<ValidationResult['status'] | undefined>;
}

export function diffVersions(from: TemplateVersion, to: TemplateVersion): VersionDiff {
  const bothListed = from.packages !== undefined && to.packages !== undefined;
  return {
    from: nameOf(from),
    to: nameOf(to),
    ...(bothListed ? { packages: diffPackages(from.packages, to.packages) } : {}),
    figures: {
      sizeGiB: { from: from.sizeGiB, to: to.sizeGiB },
      bootMs: { from: from.proof?.bootMs, to: to.proof?.bootMs },
      sshMs: { from: from.proof?.sshMs, to: to.proof?.sshMs },
    },
    base: { from: baseOf(from.provenance), to: baseOf(to.provenance) },
    templateChanged: templateChanged(from.provenance, to.provenance),
    steps: diffSteps(from.provenance?.steps ?? [], to.provenance?.steps ?? []),
    checks: diffChecks(from.proof, to.proof),
  };
}

/** The same package can be there in two architectures, and (kernels) in two versions. */
export function diffPackages(from: GuestPackages, to: GuestPackages): PackagesDiff {
  const before = Map.groupBy(from.packages, keyOf);
  const after = Map.groupBy(to.packages, keyOf);
  const added: InstalledPackage[] = [];
  const removed: InstalledPackage[] = [];
  const changed: PackagesDiff['changed'][number][] = [];
  let unchanged = 0;
  for (const key of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [old, now] = [before.get(key) ?? [], after.get(key) ?? []];
    const gone = old.filter(({ version }) => !now.some((other) => other.version === version));
    const come = now.filter(({ version }) => !old.some((other) => other.version === version));
    unchanged += now.length - come.length;
    const [was, is] = [gone[0], come[0]];
    if (gone.length === 1 && come.length === 1 && was !== undefined && is !== undefined) {
      changed.push({ name: is.name, architecture: is.architecture, from: was.version, to: is.version });
      continue;
    }
    removed.push(...gone);
    added.push(...come);
  }
  return { added, removed, changed, unchanged };
}

function keyOf({ name, architecture }: InstalledPackage): string {
  return `${name} ${architecture}`;
}

function diffSteps(from: readonly BuiltStep[], to: readonly BuiltStep[]): readonly StepDiff[] {
  return union(from, to).map(([name, old, now]) => ({
    name,
    status:
      old === undefined ? 'added' : now === undefined ? 'removed' : old.key === now.key ? 'same' : 'changed',
    durationMs: { from: old?.durationMs, to: now?.durationMs },
  }));
}

function diffChecks(from: BootProof | undefined, to: BootProof | undefined): readonly CheckDiff[] {
  return union(from?.validations ?? [], to?.validations ?? []).map(([name, old, now]) => ({
    name,
    status: { from: old?.status, to: now?.status },
  }));
}

/** By name: those of `to` in its order, then those that it hasn't. */
function union<T extends { readonly name: string }>(
  from: readonly T[],
  to: readonly T[],
): readonly (readonly [string, T | undefined, T | undefined])[] {
  const names = new Set([...to, ...from].map(({ name }) => name));
  const of = (list: readonly T[], name: string) => list.find((each) => each.name === name);
  return [...names].map((name) => [name, of(from, name), of(to, name)]);
}

function templateChanged(from: Provenance | undefined, to: Provenance | undefined): boolean | undefined {
  if (from === undefined || to === undefined) return undefined;
  return from.templateDigest !== to.templateDigest;
}

function baseOf(provenance: Provenance | undefined): string | undefined {
  return provenance === undefined ? undefined : `${provenance.baseName} (${provenance.baseImageId})`;
}

function nameOf(version: TemplateVersion): VersionName {
  const { template, region, architecture, target, imageId } = version;
  return { template, version: version.version, region, architecture, target, imageId };
}
