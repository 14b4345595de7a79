/** A template's settings with their defaults, by the code's names. */
import type { Merged } from './merge.ts';
import { imagesOf } from './merge.ts';
import type { TemplateDocument } from './schema.ts';
import type { AmiConfig, Clean, Readiness, Retention } from './template.ts';

type Given<Key extends keyof TemplateDocument> = NonNullable<TemplateDocument[Key]>;

export function resolveReadiness(
  given: Given<'readiness'>,
  refuse: (field: string, message: string) => void,
): Readiness {
  const { http, tcp, command } = given;
  if (http === undefined && tcp === undefined && command === undefined) {
    refuse('readiness', 'asks nothing: give http, tcp or command');
  }
  return {
    ...(http === undefined
      ? {}
      : {
          http: {
            port: http.port ?? 80,
            path: http.path ?? '/',
            ...(http.url === undefined ? {} : { url: http.url }),
            status: http.status ?? 200,
            contains: typeof http.contains === 'string' ? [http.contains] : (http.contains ?? []),
            insecure: http.insecure ?? false,
          },
        }),
    ...(tcp === undefined ? {} : { tcp }),
    ...(command === undefined ? {} : { command }),
    intervalMs: given.interval ?? 30_000,
    attempts: given.attempts ?? 180,
    delayMs: given.delay ?? 0,
    ...(given.deadline === undefined ? {} : { deadlineMs: given.deadline }),
  };
}

export function resolveClean(given: TemplateDocument['clean']): Clean {
  const all = given !== false;
  const chosen = typeof given === 'object' ? given : {};
  return {
    hostKeys: chosen.host_keys ?? all,
    machineId: chosen.machine_id ?? all,
    authorizedKeys: chosen.authorized_keys ?? all,
    history: chosen.history ?? all,
    logs: chosen.logs ?? all,
    cloudInit: chosen.cloud_init ?? all,
    temporaryFiles: chosen.temporary_files ?? all,
    packageCache: chosen.package_cache ?? all,
    ...(chosen.paths === undefined ? {} : { paths: chosen.paths }),
  };
}

export function resolveRetention(given: Given<'retention'>): Retention {
  return defined<Retention>({
    keepLatest: given.keep_latest,
    maxAgeMs: given.max_age,
    unusedForMs: given.unused_for,
    budgetGiB: given.budget_gb,
    budgetPerMonth: given.budget_per_month,
  });
}

export function resolveAmiConfig(document: Merged['document']): AmiConfig {
  const given = document.ami_config ?? {};
  const { ami_search: search, marketplace_search: market } = given;
  return defined<AmiConfig>({
    amis: imagesOf(document) as AmiConfig['amis'],
    strategy: given.strategy,
    amiSearch:
      search &&
      defined({
        owner: search.owner,
        namePattern: search.name_pattern,
        versionTag: search.version_tag,
        architectures: search.architecture,
        minCreationDate: search.min_creation_date,
        requiredTags: search.required_tags,
      }),
    marketplaceSearch:
      market &&
      defined({
        productCode: market.product_code,
        versionConstraint: market.version_constraint,
        publisher: market.publisher,
      }),
    fallbackStrategy: given.fallback_strategy,
    fallbackTimeoutMs: given.fallback_timeout,
    preferredArchitecture: given.preferred_architecture,
    instanceFamilyPreference: given.instance_family_preference,
    instanceTypes: given.instance_types as AmiConfig['instanceTypes'],
    userDataScript: given.user_data_script,
    sshUser: given.ssh_user,
  });
}

type Loose<T> = { readonly [Key in keyof T]: T[Key] | undefined };

/** Without the keys that have no value, so that JSON and digests don't show them. */
function defined<T extends object>(value: Loose<T>): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}
