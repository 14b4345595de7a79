import { defined, type StepContext, type Workflow } from '../../platform/workflows/workflow.ts';
import { announced } from '../builds/announced.ts';
import type { LaunchParts } from '../launches/ways/asker.ts';
import type { Manifest } from './format.ts';
import { publishVersion, type WrittenDisks } from './publish-version.ts';
import { fingerprint } from './signature.ts';
import type { VersionToPublish } from './versions-to-publish.ts';
import { writeDisks } from './write-disks.ts';

export const publicationWorkflowName = 'publication';

export interface PublicationInput extends VersionToPublish {
  /** The disks too, for clouds that have none of the images. */
  readonly disks: boolean;
  readonly createdAt: string;
}

export interface PublicationResults {
  disks: WrittenDisks;
  entry: PublishedEntries;
}

export interface PublishedEntries {
  /** Its name. */
  readonly catalogue: string;
  /** What those who add it should compare. */
  readonly fingerprint: string;
  readonly entries: readonly (Pick<Manifest, 'template' | 'version' | 'architecture' | 'images'> & {
    readonly hasDisks: boolean;
  })[];
  readonly closed: readonly string[];
}

type Context = StepContext<PublicationInput, PublicationResults>;

/** One after the other: each writes an index. */
const atATime = 1;

export function publicationWorkflow(parts: LaunchParts) {
  const disks = {
    name: 'disks' as const,
    title: 'Writing the disks',
    run: (context: Context) =>
      writeDisks(parts, context.input, {
        signal: context.signal,
        tell: (text) => context.tell({ type: 'note', text }),
      }),
  };
  const entry = {
    name: 'entry' as const,
    title: 'Signing the entry',
    run: async (context: Context): Promise<PublishedEntries> => {
      const { catalogue, entries, closed } = await publishVersion(
        parts,
        context.input,
        context.saved('disks'),
      );
      return {
        catalogue: catalogue.name,
        fingerprint: fingerprint(catalogue.publicKey),
        entries: entries.map(({ template, version, architecture, images, machine }) => ({
          ...{ template, version, architecture, images, hasDisks: machine !== undefined },
        })),
        closed,
      };
    },
  };
  const workflow: Workflow<PublicationInput, PublicationResults> = {
    name: publicationWorkflowName,
    limit: atATime,
    steps: (input) => (input.disks ? [announced(disks), announced(entry)] : [announced(entry)]),
  };
  return defined(workflow);
}
