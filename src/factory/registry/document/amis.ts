/** The images that a document tells of. */
import { type Placed, placedValues } from './places.ts';
import type { RegistryAmi, RegistryTemplate } from './schema.ts';

export type NamedAmi = Placed<RegistryAmi & { readonly version: string }>;

/** What `amis` shows, each with its version. */
export function namedAmis({
  amis,
  version,
}: Pick<RegistryTemplate, 'amis' | 'version'>): readonly NamedAmi[] {
  return placedValues(amis).map((each) => ({
    ...each,
    value: { ...each.value, version: each.value.version ?? version },
  }));
}

/** Oldest first: each image once, whether `versions` or only `amis` has it. */
export function everyAmi(template: RegistryTemplate): readonly NamedAmi[] {
  const listed = template.versions.toReversed().flatMap(namedAmis);
  const seen = new Set(listed.map(({ value }) => value.ami_id));
  return [...listed, ...namedAmis(template).filter(({ value }) => !seen.has(value.ami_id))];
}
