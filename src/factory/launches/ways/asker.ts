/** What every way is asked with, and what it answers. */
import type { EC2, Image } from '@aws-sdk/client-ec2';
import type { Architecture } from '../../../platform/ids.ts';
import type { Factory } from '../../factory.ts';
import type { Target } from '../../targets/target.ts';
import { findTemplate } from '../../templates/find-template.ts';
import { loadTemplate } from '../../templates/load-template.ts';
import { templatePlaces } from '../../templates/places.ts';
import type { Template } from '../../templates/template.ts';
import { TemplateErrors } from '../../templates/template-errors.ts';
import type { LaunchQuestion, LaunchWay } from '../launch-answer.ts';

/** What finding an image needs of a factory. */
export type LaunchParts = Pick<Factory, 'db' | 'now' | 'registries' | 'targets' | 'directories'>;

export interface Asker {
  readonly factory: Pick<Factory, 'db' | 'now' | 'registries'>;
  readonly target: Target;
  /** Of the region that is asked for. */
  readonly ec2: EC2;
  readonly region: string;
  readonly architecture: Architecture;
  /** What was given, without the version. */
  readonly name: string;
  readonly version?: string | undefined;
  /** Undefined where none of that name is at hand. */
  readonly template?: Template | undefined;
}

export interface Found {
  readonly image: Image;
  /** Another than the asker's where it is to be copied first. */
  readonly region?: string;
  readonly template?: string | undefined;
  readonly version?: string | undefined;
  readonly proven?: boolean;
  /** Who logs in where the image's tags don't say. */
  readonly sshUser?: string | undefined;
}

export interface Answer {
  readonly way: LaunchWay;
  readonly detail: string;
  readonly found?: Found | undefined;
  /** A catalogue has it as disks. */
  readonly fetch?: { readonly catalogue: string; readonly entry: string };
  readonly revoked?: {
    readonly imageId: string;
    readonly reason: string;
    readonly replacement?: string | undefined;
  };
}

export async function askerOf(factory: LaunchParts, question: LaunchQuestion): Promise<Asker> {
  const { region, from } = question;
  const target = await factory.targets.get(question.target);
  const [, given = question.name, said] = /^([^@]+)@(.+)$/s.exec(question.name) ?? [];
  const template = await templateNamed(factory, given, from);
  return {
    factory,
    target,
    ec2: await target.client(region),
    region,
    architecture: question.architecture ?? usualArchitecture(target, template),
    name: template?.slug ?? given,
    version: question.version ?? said,
    template,
  };
}

/** A template that isn't at hand here may be in the registry all the same. */
export async function templateNamed(
  { directories }: Pick<Factory, 'directories'>,
  name: string,
  from: string | undefined,
): Promise<Template | undefined> {
  const places = templatePlaces(directories.templates, from);
  try {
    const file = await findTemplate(name, places);
    return await loadTemplate(file, { ...places, examples: true });
  } catch (error) {
    if (error instanceof TemplateErrors) return undefined;
    throw error;
  }
}

function usualArchitecture({ kind }: Target, template: Template | undefined): Architecture {
  const host: Architecture = kind === 'local' && process.arch === 'arm64' ? 'arm64' : 'x86_64';
  const has = template?.base.architectures ?? [];
  return template?.amiConfig.preferredArchitecture ?? (has.includes(host) ? host : (has[0] ?? host));
}

export function placeOf({ region, architecture }: Pick<Asker, 'region' | 'architecture'>): string {
  return `${region}/${architecture}`;
}
