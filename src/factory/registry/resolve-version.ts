/**
 * Which image a launch of a template takes here, and why: each place that was asked is a step with its answer.
 * In order: this registry, the registries that others serve, the template's own `ami_config`, another region.
 */
import type { Architecture } from '../../platform/ids.ts';
import type { Factory } from '../factory.ts';
import { latest } from './channel.ts';
import type { NamedAmi } from './document/amis.ts';
import { everyAmi, namedAmis } from './document/amis.ts';
import { type RegistryLocation, readLocation } from './document/read-location.ts';
import type { RegistryTemplate } from './document/schema.ts';
import { findVersions } from './find-versions.ts';
import { type ChannelEntry, listChannels } from './set-channel.ts';
import type { VersionEntry } from './version-row.ts';

export interface ResolutionRequest {
  readonly template: string;
  readonly target: string;
  readonly region: string;
  readonly architecture: Architecture;
  /** A version or a channel; `stable` where there is one, else `latest`, unless told. */
  readonly name?: string | undefined;
  /** The template's `ami_config.amis`, if the template is at hand. */
  readonly amis?: Readonly<Record<string, Readonly<Partial<Record<Architecture, string>>>>> | undefined;
}

export interface ResolutionStep {
  readonly source: 'registry' | 'location' | 'template' | 'other-region';
  readonly found: boolean;
  /** In words, for people. */
  readonly detail: string;
}

export type Resolution = { readonly steps: readonly ResolutionStep[] } & (
  | {
      readonly outcome: 'image';
      readonly imageId: string;
      readonly version?: string;
      readonly proven: boolean;
    }
  /** There is one in another region, to be copied first. */
  | {
      readonly outcome: 'elsewhere';
      readonly imageId: string;
      readonly region: string;
      readonly version: string;
    }
  | {
      readonly outcome: 'revoked';
      readonly imageId: string;
      readonly reason: string;
      readonly replacement?: string;
    }
  | { readonly outcome: 'none' }
);

type Context = Pick<Factory, 'db' | 'registries'>;

type Answer = { readonly detail: string; readonly resolved?: Outcome };
type Outcome = Resolution extends infer R ? (R extends unknown ? Omit<R, 'steps'> : never) : never;

export async function resolveVersion(context: Context, request: ResolutionRequest): Promise<Resolution> {
  const steps: ResolutionStep[] = [];
  const own = await readOwn(context, request);
  const asked: readonly (readonly [ResolutionStep['source'], () => Promise<Answer>])[] = [
    ['registry', async () => inRegistry(own, request)],
    ...context.registries.locations
      .filter(({ target }) => target === request.target)
      .map((location) => ['location', () => inLocation(location, context, request)] as const),
    ['template', async () => inTemplate(own, request)],
    ['other-region', async () => inOtherRegion(own, request)],
  ];
  for (const [source, ask] of asked) {
    const { detail, resolved } = await ask();
    steps.push({ source, found: resolved !== undefined, detail });
    if (resolved !== undefined) return { ...resolved, steps } as Resolution;
  }
  return { outcome: 'none', steps };
}

interface Own {
  readonly versions: readonly VersionEntry[];
  readonly channels: readonly ChannelEntry[];
}

async function readOwn({ db }: Context, { target, template }: ResolutionRequest): Promise<Own> {
  return {
    versions: await findVersions(db.read, { target, template }),
    channels: await listChannels(db.read, { target, template }),
  };
}

function inRegistry(own: Own, request: ResolutionRequest): Answer {
  const place = placeOf(request);
  const here = own.versions.filter(isHere(request));
  const pointers = own.channels.filter(isHere(request));
  if (here.length === 0) return { detail: `this registry has no version of ${request.template} in ${place}` };
  const name = request.name ?? defaultChannel(pointers.map(({ channel }) => channel));
  const pointer = pointers.find(({ channel }) => channel === name);
  const version =
    here.find((each) => each.version === name) ?? here.find(({ imageId }) => imageId === pointer?.imageId);
  if (version === undefined) {
    return { detail: `this registry has no version or channel ${name} of ${request.template} in ${place}` };
  }
  const shown = pointer === undefined ? version.version : `${version.version}, which ${name} points to`;
  if (version.revoked === undefined) {
    const { imageId, proven } = version;
    return {
      detail: `this registry has ${shown}: ${imageId}`,
      resolved: { outcome: 'image', imageId, version: version.version, proven },
    };
  }
  const replacement = here.find((each) => each.revoked === undefined && each.proven)?.version;
  return {
    detail: `${shown} is revoked: ${version.revoked.reason}`,
    resolved: revoked(version.imageId, version.revoked.reason, replacement),
  };
}

async function inLocation(
  location: RegistryLocation,
  { registries }: Context,
  request: ResolutionRequest,
): Promise<Answer> {
  try {
    const { document, stale } = await readLocation(location, registries);
    const from =
      stale === undefined
        ? location.location
        : `${location.location} (as it was at ${stale.readAt}: ${stale.reason})`;
    const template = document.templates[request.template];
    const ami = template === undefined ? undefined : pickAmi(template, request);
    if (ami === undefined) {
      return {
        detail: `${from} has no ${request.template}@${request.name ?? latest} in ${placeOf(request)}`,
      };
    }
    const { ami_id: imageId, version, revoked: revocation } = ami.value;
    if (revocation !== undefined) {
      return {
        detail: `${from} has ${version}, revoked: ${revocation.reason}`,
        resolved: revoked(imageId, revocation.reason, undefined),
      };
    }
    return {
      detail: `${from} has ${version}: ${imageId}`,
      resolved: { outcome: 'image', imageId, version, proven: ami.value.validated },
    };
  } catch (error) {
    // The next place may know: a registry that can't be read must not stop a launch.
    return { detail: `${location.location} can't be read: ${(error as Error).message}` };
  }
}

function pickAmi(template: RegistryTemplate, request: ResolutionRequest): NamedAmi | undefined {
  const { region, architecture } = request;
  const here = (each: NamedAmi) => each.region === region && each.architecture === architecture;
  const pointers = Object.entries(template.channels).flatMap(([channel, places]) => {
    const version = places[region]?.[architecture];
    return version === undefined ? [] : [{ channel, version }];
  });
  const name = request.name ?? defaultChannel(pointers.map(({ channel }) => channel));
  const version = pointers.find(({ channel }) => channel === name)?.version ?? name;
  const listed = everyAmi(template).find((each) => here(each) && each.value.version === version);
  // A document without channels shows its latest.
  const shown = pointers.length === 0 && name === latest ? namedAmis(template).find(here) : undefined;
  return listed ?? shown;
}

function inTemplate(own: Own, request: ResolutionRequest): Answer {
  const { template, region, architecture, amis, name } = request;
  const imageId = amis?.[region]?.[architecture];
  if (imageId === undefined) {
    return { detail: `ami_config of ${template} has no image for ${placeOf(request)}` };
  }
  const known = own.versions.find((each) => each.imageId === imageId);
  if (name !== undefined && name !== latest && known?.version !== name) {
    return { detail: `ami_config of ${template} has ${imageId}, which isn't known to be ${name}` };
  }
  if (known?.revoked !== undefined) {
    return {
      detail: `ami_config of ${template} has ${imageId}, which is revoked: ${known.revoked.reason}`,
      resolved: revoked(imageId, known.revoked.reason, undefined),
    };
  }
  const version = known === undefined ? {} : { version: known.version };
  return {
    detail: `ami_config of ${template} has ${imageId} for ${placeOf(request)}`,
    resolved: { outcome: 'image', imageId, proven: known?.proven ?? false, ...version },
  };
}

function inOtherRegion(own: Own, request: ResolutionRequest): Answer {
  const { architecture, region, template } = request;
  const elsewhere = own.versions.filter(
    (each) => each.architecture === architecture && each.region !== region && each.revoked === undefined,
  );
  const pointers = own.channels.filter((each) => each.architecture === architecture);
  const name = request.name ?? defaultChannel(pointers.map(({ channel }) => channel));
  const images = new Set(pointers.filter(({ channel }) => channel === name).map(({ imageId }) => imageId));
  const found = elsewhere.find(({ version, imageId }) => version === name || images.has(imageId));
  if (found === undefined) return { detail: `no other region has ${template}@${name} for ${architecture}` };
  const { imageId, version } = found;
  return {
    detail: `${found.region} has ${version}: ${imageId}, to be copied to ${region}`,
    resolved: { outcome: 'elsewhere', imageId, region: found.region, version },
  };
}

function revoked(imageId: string, reason: string, replacement: string | undefined): Outcome {
  return { outcome: 'revoked', imageId, reason, ...(replacement === undefined ? {} : { replacement }) };
}

function defaultChannel(channels: readonly string[]): string {
  return channels.includes('stable') ? 'stable' : latest;
}

function isHere(request: ResolutionRequest) {
  return (each: { readonly region: string; readonly architecture: Architecture }) =>
    each.region === request.region && each.architecture === request.architecture;
}

function placeOf({ region, architecture }: ResolutionRequest): string {
  return `${region}/${architecture}`;
}
