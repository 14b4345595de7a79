/** A template on the small base image: one step that takes a while, as packages do, and a short last one. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostArchitecture } from '../../src/cli/bases.ts';

export interface SmallTemplate {
  readonly slug: string;
  /** In the first step's script: another one is another key in the cache. */
  readonly first: string;
  /** In the last step's. */
  readonly last: string;
  /** What the first step packs. */
  readonly workMiB: number;
}

/** Answers with its path. */
export async function writeSmallTemplate(
  folder: string,
  { slug, first, last, workMiB }: SmallTemplate,
): Promise<string> {
  const file = join(folder, `${slug}.yml`);
  await writeFile(
    file,
    `name: ${slug}
description: Measured
base_ami: {source: tiny, architecture: [${hostArchitecture()}]}
steps:
  - name: first
    run: |
      mkdir -p /opt
      echo ${first} > /opt/first
      dd if=/dev/urandom bs=1M count=${workMiB} 2> /dev/null | gzip > /opt/packed
  - name: last
    run: echo ${last} > /opt/last
validation_tests:
  - {name: first, command: cat /opt/first, expected: ${first}}
  - {name: last, command: cat /opt/last, expected: ${last}}
`,
  );
  return file;
}
