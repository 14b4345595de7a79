import { recordVersion } from '../../registry/record-version.ts';
import type { BuiltStep, NewVersion } from '../../registry/version.ts';
import type { BuildContext, CopiedImage } from '../build.ts';
import type { BuildParts } from '../parts.ts';

/** A version in each region; `latest` moves with them. `steps`: what the machine's set-up did. */
export async function registerVersions(
  parts: BuildParts,
  context: BuildContext,
  steps = stepsDone(context),
): Promise<null> {
  const { region } = context.input;
  const places = [{ region, ...context.result('image') }, ...context.result('copies')];
  for (const place of places) await recordVersion(parts.db, versionOf(parts, context, steps, place));
  context.tell({ type: 'detail', text: `${context.input.template.slug} ${context.input.version}` });
  return null;
}

function stepsDone(context: BuildContext): readonly BuiltStep[] {
  return context.input.template.steps.map(({ name }) => ({ name, ...context.result(`step:${name}`) }));
}

function versionOf(
  parts: BuildParts,
  context: BuildContext,
  steps: readonly BuiltStep[],
  place: CopiedImage,
): NewVersion {
  const { input, runId } = context;
  const { template } = input;
  const base = context.result('base');
  return {
    template: template.slug,
    version: input.version,
    region: place.region,
    architecture: input.architecture,
    target: input.target,
    imageId: place.imageId,
    snapshotIds: place.snapshotIds,
    createdAt: parts.now().toISOString(),
    validated: true,
    sizeGiB: place.sizeGiB,
    origin: 'built',
    provenance: {
      templateDigest: template.digest,
      templateSource: template.source,
      baseImageId: base.imageId,
      baseName: base.name,
      steps,
      inputs: inputsOf(context),
      ingotVersion: parts.ingotVersion,
    },
    proof: context.result('proof'),
    packages: context.result('packages'),
    summary: {
      description: template.description,
      ports: template.ports,
      estimatedCostPerHour: template.estimatedCostPerHour,
    },
    buildId: runId,
  };
}

/** Parameters by name, and the digest of each declared input by its path. */
function inputsOf({ input: { template } }: BuildContext): Readonly<Record<string, string>> {
  const parameters = Object.entries(template.parameters).map(([name, value]) => [name, String(value)]);
  const declared = template.steps.flatMap(({ inputs }) =>
    inputs.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  return Object.fromEntries([...parameters, ...declared]);
}
