/**
 * A version: one image of a template in one region, and all that is known of how it came about. The same version
 * string in another region or architecture is a row of its own; within a target an image belongs to one version.
 */
import type { Architecture } from '../../platform/ids.ts';

export interface TemplateVersion {
  /** The template's slug. */
  readonly template: string;
  /** Any text: `v1.2.3`, a git hash, a time. */
  readonly version: string;
  readonly region: string;
  readonly architecture: Architecture;
  /** The target's name; what follows is true there and nowhere else. */
  readonly target: string;
  readonly imageId: string;
  readonly snapshotIds: readonly string[];
  /** ISO text with milliseconds. */
  readonly createdAt: string;
  /** Every check of the template passed on a machine launched from this image. */
  readonly validated: boolean;
  readonly sizeGiB: number;
  readonly origin: VersionOrigin;
  readonly provenance?: Provenance;
  readonly proof?: BootProof;
  readonly packages?: GuestPackages;
  readonly revoked?: Revocation;
  /** What the registry's JSON tells of a template, as it was when this version was made. */
  readonly summary?: TemplateSummary;
  readonly buildId?: string;
  /** Absolute path of the build's log. */
  readonly logFile?: string;
}

/** What a build registers; only `revoke` makes a version revoked. */
export type NewVersion = Omit<TemplateVersion, 'revoked'>;

export type VersionOrigin = 'built' | 'saved' | 'imported';

export interface Provenance {
  readonly templateDigest: string;
  /** The YAML text as it was built. */
  readonly templateSource: string;
  readonly baseImageId: string;
  readonly baseName: string;
  readonly steps: readonly BuiltStep[];
  /** Parameters and declared inputs by name; never a secret's value. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The image it was made from where that isn't the base: a saved machine's, another template's. */
  readonly parentImageId?: string;
  readonly ingotVersion: string;
}

export interface BuiltStep {
  readonly name: string;
  /** The step cache's key: equal keys did equal work. */
  readonly key: string;
  readonly cached: boolean;
  readonly durationMs: number;
}

/** What a machine launched from the image showed, before the version was announced. */
export interface BootProof {
  /** From the launch to a running kernel's console. */
  readonly bootMs: number;
  /** From the launch to a shell. */
  readonly sshMs: number;
  readonly validations: readonly ValidationResult[];
  readonly consoleTail: string;
  readonly at: string;
}

export interface ValidationResult {
  readonly name: string;
  readonly status: 'passed' | 'failed';
  readonly output: string;
  readonly error?: string;
}

export interface GuestPackages {
  readonly manager: 'dpkg' | 'rpm' | 'apk' | 'none';
  /** `ID` and `VERSION_ID` of the guest's os-release. */
  readonly distribution: { readonly id: string; readonly versionId: string };
  readonly packages: readonly InstalledPackage[];
}

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** In the package manager's words: `amd64`, `x86_64`, `noarch`, `all`. */
  readonly architecture: string;
}

export interface Revocation {
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}

export interface TemplateSummary {
  readonly description: string;
  readonly ports: readonly number[];
  readonly estimatedCostPerHour: Readonly<Partial<Record<Architecture, number>>>;
}

export function isProven(version: Pick<TemplateVersion, 'proof' | 'validated'>): boolean {
  return version.validated && version.proof !== undefined;
}
