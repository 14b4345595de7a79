/** The least IAM policy for features of a target. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */
import { type Feature, features, type Permission } from './features.ts';

export interface PolicyPlace {
  /** 'aws', 'aws-cn', … */
  readonly partition: string;
  /** 12 digits, or `*`. */
  readonly accountId: string;
}

export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: 'Allow';
    readonly Action: readonly string[];
    readonly Resource: readonly string[];
  }[];
}

/** One statement for each set of resources, so that nothing may more than it needs. */
export function leastPolicy(wanted: readonly Feature[], place: PolicyPlace): Policy {
  const groups = Map.groupBy(merged(wanted), ({ on }) => (on === 'all' ? '' : on.toSorted().join(' ')));
  const statements = [...groups].map(([kinds, permissions]) => ({
    Sid: sid(kinds),
    Effect: 'Allow' as const,
    Action: permissions.map(({ action }) => action).toSorted(),
    Resource: kinds === '' ? ['*'] : kinds.split(' ').map((kind) => arn(kind, place)),
  }));
  return { Version: '2012-10-17', Statement: statements.toSorted((a, b) => a.Sid.localeCompare(b.Sid)) };
}

/** An action that several features need acts on all that any of them needs. */
function merged(wanted: readonly Feature[]): readonly Permission[] {
  const byAction = Map.groupBy(
    wanted.flatMap((feature) => features[feature]),
    ({ action }) => action,
  );
  return [...byAction].map(([action, permissions]) => {
    if (permissions.some(({ on }) => on === 'all')) return { action, on: 'all' };
    const kinds = permissions.flatMap(({ on }) => (on === 'all' ? [] : on));
    return { action, on: [...new Set(kinds)] };
  });
}

/** Images and snapshots have no account in their ARNs. */
function arn(kind: string, { partition, accountId }: PolicyPlace): string {
  const account = kind === 'image' || kind === 'snapshot' ? '' : accountId;
  return `arn:${partition}:ec2:*:${account}:${kind}/*`;
}

function sid(kinds: string): string {
  if (kinds === '') return 'Look';
  const words = kinds.split(/[ -]/).map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`);
  return `On${words.join('')}`;
}
