import type { Factory } from '../factory.ts';
import { recordVersion } from '../registry/record-version.ts';
import type { BootProof, GuestPackages, NewVersion, Provenance } from '../registry/version.ts';
import { type FetchContext, fetchedTemplate } from './fetch.ts';
import { locationOf } from './location.ts';
import { readEntryFile } from './read-catalogue.ts';

/** With all that the catalogue tells of it: its proof is the publisher's, vouched for by the same signature. */
export async function registerFetched(
  parts: Pick<Factory, 'db' | 'now'>,
  context: FetchContext,
): Promise<null> {
  const { catalogue, manifest, target, region } = context.input;
  const [provenance, proof, packages] = await Promise.all([
    told<Provenance>(context, 'provenance.json'),
    told<BootProof>(context, 'proof.json'),
    told<GuestPackages>(context, 'packages.json'),
  ]);
  const { version, architecture, description, ports } = manifest;
  const fetched: NewVersion = {
    ...{ template: fetchedTemplate(catalogue, manifest.template), version, region, architecture, target },
    ...context.result('image'),
    createdAt: parts.now().toISOString(),
    validated: manifest.proven,
    origin: 'imported',
    summary: { description, ports, estimatedCostPerHour: {} },
    ...(provenance === undefined ? {} : { provenance }),
    ...(proof === undefined ? {} : { proof }),
    ...(packages === undefined ? {} : { packages }),
  };
  await recordVersion(parts.db, fetched, { by: 'catalogue', why: `fetched from ${catalogue}` });
  return null;
}

async function told<T>({ input }: FetchContext, name: string): Promise<T | undefined> {
  if (!(name in input.manifest.files)) return undefined;
  const bytes = await readEntryFile(locationOf(input.location), input.manifest, name);
  return JSON.parse(bytes.toString('utf8')) as T;
}
