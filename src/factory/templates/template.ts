/**
 * A template as builds, saves and launches use it: read, checked, `extends` and parameters applied, its files found
 * and hashed. docs/reference/template.md describes the YAML that it comes from.
 */
import type { Architecture } from '../../platform/ids.ts';
import type { GoldenImage } from './golden-image.ts';

export interface Template {
  /** The file's name without its ending: what people type. */
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly base: TemplateBase;
  /** Where `build-all` builds it; the target's first region unless told. */
  readonly regions?: readonly string[];
  readonly steps: readonly TemplateStep[];
  /** Of every deployment and of no image: what makes one machine this one. */
  readonly firstBoot: readonly TemplateStep[];
  readonly validations: readonly Validation[];
  readonly ports: readonly number[];
  readonly tags: Readonly<Record<string, string>>;
  /** US dollars. */
  readonly estimatedCostPerHour: Readonly<Partial<Record<Architecture, number>>>;
  readonly amiConfig: AmiConfig;
  readonly readiness?: Readiness;
  /** Where a deployment that came up shall leave an image behind. */
  readonly goldenImage?: GoldenImage;
  readonly clean: Clean;
  readonly retention?: Retention;
  /** The root volume of a build machine has at least this much. */
  readonly minDiskSizeGiB?: number;
  /** Values in force, defaults included. A secret one isn't here. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** What can be chosen. */
  readonly declarations: readonly ParameterDeclaration[];
  /**
   * SHA-256 over all that decides what is built and how it is checked, files by their content. What `ami_config` says
   * and where the template lies don't count: writing a new image's id into it is no change.
   */
  readonly digest: string;
  /** Absolute. */
  readonly file: string;
  /** Absolute; `files` and `inputs` are relative to it. */
  readonly directory: string;
  /** The YAML text. */
  readonly source: string;
  /** Every file that decides what it is, absolute: itself, its parents, what steps copy, their inputs. */
  readonly reads: readonly string[];
}

export type ParameterValue = string | number | boolean;

export interface ParameterDeclaration {
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean';
  readonly description: string;
  readonly default?: ParameterValue;
  readonly required: boolean;
  readonly choices?: readonly (string | number)[];
  readonly secret: boolean;
}

export type TemplateBase =
  | {
      /** `alias`: a name that `resolveBase` knows, or an image's name. `image`: an id. */
      readonly kind: 'alias' | 'image';
      readonly source: string;
      readonly architectures: readonly Architecture[];
    }
  | {
      readonly kind: 'saved-instance';
      /** 'saved-from-instance' */
      readonly source: string;
      readonly originalInstance?: string;
      readonly savedFrom?: string;
      /** ISO 8601. */
      readonly savedDate?: string;
      /** Where a build starts, by region and architecture: the saved template's own images. */
      readonly images: Readonly<Record<string, Readonly<Partial<Record<Architecture, string>>>>>;
      /** Those that `ami_config.amis` has an image for. */
      readonly architectures: readonly Architecture[];
    };

export interface TemplateStep {
  readonly name: string;
  /** A script: run by what its first line `#!…` names, by `sh -e` without one. */
  readonly run: string;
  readonly files: readonly StepFile[];
  /** What else decides the result: `path sha256`, ready to be hashed. */
  readonly inputs: readonly string[];
  /** The parameters that the script or its files name: exported to it, and part of its cache key. */
  readonly environment: Readonly<Record<string, string>>;
  /** Exported too, and read when the step runs, so that no value is ever stored, cached or logged. */
  readonly secrets: readonly StepSecret[];
  readonly timeoutMs: number;
  readonly cache: { readonly use: boolean; readonly maxAgeMs?: number };
  /** The template that it stands in (a parent, perhaps), and its line there. */
  readonly file: string;
  readonly line: number;
}

export interface StepFile {
  /** Absolute path of a regular file here. */
  readonly source: string;
  /** Absolute path in the machine. */
  readonly target: string;
  /** SHA-256 of the content, hexadecimal. */
  readonly digest: string;
  /** Permission bits, as in 0o755. */
  readonly mode: number;
}

export interface StepSecret {
  /** The variable that the script reads. */
  readonly name: string;
  /** Absolute path of the file that holds the value; a last line end doesn't count. */
  readonly file: string;
}

/** One command in the machine. It passes where everything given holds. */
export interface Validation {
  readonly name: string;
  readonly command: string;
  /** The whole output, without white space around it. */
  readonly expected?: string;
  readonly expectedContains?: string;
  /** A regular expression. */
  readonly matches?: string;
  /** Exit status; 0 unless told. */
  readonly status?: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** When a machine launched from the template is ready. All that is given must hold. */
export interface Readiness {
  readonly http?: {
    readonly port: number;
    readonly path: string;
    /** In place of port and path; `{address}` stands for the machine's. */
    readonly url?: string;
    readonly status: number;
    readonly contains: readonly string[];
    /** Accepts a certificate that nobody vouches for. */
    readonly insecure: boolean;
  };
  readonly tcp?: { readonly port: number };
  readonly command?: string;
  readonly intervalMs: number;
  readonly attempts: number;
  /** Before the first attempt. */
  readonly delayMs: number;
  /** For all attempts together. */
  readonly deadlineMs?: number;
}

/** What is removed from the machine before its image is taken. */
export interface Clean {
  readonly hostKeys: boolean;
  readonly machineId: boolean;
  readonly authorizedKeys: boolean;
  readonly history: boolean;
  readonly logs: boolean;
  readonly cloudInit: boolean;
  readonly temporaryFiles: boolean;
  readonly packageCache: boolean;
  /** Absolute: what the template names beside these. */
  readonly paths?: readonly string[];
}

export interface Retention {
  readonly keepLatest?: number;
  readonly maxAgeMs?: number;
  readonly unusedForMs?: number;
  readonly budgetGiB?: number;
  /** US dollars. */
  readonly budgetPerMonth?: number;
}

/** How a launch finds the template's image. */
export interface AmiConfig {
  /** By region, then architecture; written by `update-templates` and `save`. */
  readonly amis: Readonly<Record<string, Readonly<Partial<Record<Architecture, string>>>>>;
  readonly strategy?: 'ami_preferred' | 'ami_required' | 'ami_fallback';
  readonly amiSearch?: {
    readonly owner?: string;
    readonly namePattern?: string;
    readonly versionTag?: string;
    readonly architectures?: readonly Architecture[];
    readonly minCreationDate?: string;
    readonly requiredTags?: Readonly<Record<string, string>>;
  };
  readonly marketplaceSearch?: {
    readonly productCode?: string;
    readonly versionConstraint?: string;
    readonly publisher?: string;
  };
  readonly fallbackStrategy?: 'script_provisioning' | 'error' | 'cross_region';
  readonly fallbackTimeoutMs?: number;
  readonly preferredArchitecture?: Architecture;
  readonly instanceFamilyPreference?: readonly string[];
  /** By region, then architecture. */
  readonly instanceTypes?: Readonly<Record<string, Readonly<Partial<Record<Architecture, string>>>>>;
  readonly userDataScript?: string;
  readonly sshUser?: string;
}
