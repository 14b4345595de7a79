/** Versions: of this home's registry, of registries that others serve, of the template's own `ami_config`. */
import { type Resolution, type ResolutionStep, resolveVersion } from '../../registry/resolve-version.ts';
import type { LaunchWay } from '../launch-answer.ts';
import type { Answer, Asker } from './asker.ts';
import { imageById } from './by-id.ts';

/** Every place that was asked, in order; only the last can have an image. `other-region` is asked after other ways. */
export async function inRegistries(asker: Asker): Promise<readonly Answer[]> {
  const { factory, target, region, architecture, template, name, version } = asker;
  const resolution = await resolveVersion(factory, {
    ...{ template: name, target: target.name, region, architecture },
    name: version,
    amis: template?.amiConfig.amis,
  });
  const answers = resolution.steps.map((step): Answer => ({ way: wayOf(step), detail: step.detail }));
  const last = answers.pop();
  if (last === undefined || resolution.outcome === 'none') return [...answers, ...(last ? [last] : [])];
  return [...answers, await withImage(asker, resolution, last)];
}

function wayOf({ source }: ResolutionStep): LaunchWay {
  return source;
}

async function withImage(
  asker: Asker,
  resolution: Exclude<Resolution, { outcome: 'none' }>,
  { way, detail }: Answer,
): Promise<Answer> {
  const { imageId } = resolution;
  if (resolution.outcome === 'revoked') {
    const { reason, replacement } = resolution;
    const next = replacement === undefined ? undefined : `${asker.name}@${replacement}`;
    return { way, detail, revoked: { imageId, reason, replacement: next } };
  }
  const { region = asker.region } = resolution.outcome === 'elsewhere' ? resolution : {};
  const image = await imageById(await asker.target.client(region), imageId);
  if (image === undefined) return { way, detail: `${detail}, which ${region} has no more` };
  const { version } = resolution;
  const proven = resolution.outcome === 'image' ? resolution.proven : true;
  const sshUser = asker.template?.amiConfig.sshUser;
  return { way, detail, found: { image, region, template: asker.name, version, proven, sshUser } };
}
