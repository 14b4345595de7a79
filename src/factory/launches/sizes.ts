/** Sizes by a letter, and the instance types that they stand for: small at home, where machines share one host. */
import type { Architecture } from '../../platform/ids.ts';
import { FactoryError } from '../factory-error.ts';
import type { Target, TargetKind } from '../targets/target.ts';

export const sizes = ['S', 'M', 'L', 'XL', 'GPU-L'] as const;

export type Size = (typeof sizes)[number];

type Types = Readonly<Record<Architecture, Readonly<Partial<Record<Size, string>>>>>;

const onAws: Types = {
  x86_64: { S: 't3.medium', M: 't3.large', L: 't3.xlarge', XL: 't3.2xlarge', 'GPU-L': 'g5.4xlarge' },
  arm64: { S: 't4g.medium', M: 't4g.large', L: 't4g.xlarge', XL: 't4g.2xlarge', 'GPU-L': 'g5g.4xlarge' },
};

const atHome: Types = {
  x86_64: { S: 't3.micro', M: 't3.small', L: 't3.medium', XL: 't3.large' },
  arm64: { S: 't4g.micro', M: 't4g.small', L: 't4g.medium', XL: 't4g.large' },
};

const typesOf: Readonly<Record<TargetKind, Types>> = { aws: onAws, endpoint: onAws, local: atHome };

/** `size`: a letter, or an instance type, which stands for itself. Throws where the target has no such size. */
export function instanceType(
  target: Pick<Target, 'name' | 'kind'>,
  size: string,
  architecture: Architecture,
): string {
  if (/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/.test(size)) return size;
  const there = typesOf[target.kind][architecture];
  const known = sizes.find((each) => each === size.toUpperCase());
  const type = known === undefined ? undefined : there[known];
  if (type !== undefined) return type;
  const list = Object.entries(there).map(([name, each]) => `${name} (${each})`);
  const what =
    known === undefined ? `'${size}' is no size` : `The target ${target.name} has no size ${known}`;
  throw new FactoryError(
    'invalid',
    `${what} for ${architecture}. There are ${list.join(', ')}; an instance type such as t3.micro does too`,
  );
}
