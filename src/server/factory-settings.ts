/** What the configuration says of the factory, in the factory's own words. */
import type { FactoryOptions } from '../factory/open-factory.ts';
import type { RetentionRules } from '../factory/retention/rules.ts';
import type { Config } from '../platform/config.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export function factorySettings(
  config: Config,
): Required<Pick<FactoryOptions, 'parallelBuilds' | 'registries' | 'retention' | 'receivers' | 'rebuilds'>> {
  const { retention } = config;
  return {
    parallelBuilds: config.parallelBuilds,
    registries: config.registries,
    retention: {
      ...(retention.everyHours === undefined ? {} : { everyMs: retention.everyHours * hourMs }),
      deprecateDays: retention.deprecateDays,
      binDays: retention.binDays,
      fleets: retention.fleets,
      rules: Object.fromEntries(
        Object.entries(retention.rules).map(([name, given]) => [name, retentionRules(given)]),
      ),
    },
    receivers: config.notifications.map(({ url, command = [], ...receiver }) => ({
      ...given(receiver),
      ...(url === undefined ? { command } : { url }),
    })),
    rebuilds: {
      checkEveryMs: config.rebuildCheckHours * hourMs,
      policies: config.rebuilds.map(({ everyDays, ...policy }) => ({
        ...policy,
        ...(everyDays === undefined ? {} : { everyMs: everyDays * dayMs }),
      })),
    },
  };
}

function retentionRules(rules: Config['retention']['rules'][string]): RetentionRules {
  const { maxAgeDays, unusedForDays, ...others } = rules;
  return given({
    ...others,
    maxAgeMs: maxAgeDays === undefined ? undefined : maxAgeDays * dayMs,
    unusedForMs: unusedForDays === undefined ? undefined : unusedForDays * dayMs,
  });
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the fields that have no value. */
function given<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Given<T>;
}
