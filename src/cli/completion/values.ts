/** What an argument or an option can be: asked of Ingot itself where it is the name of something. */
import type { Argument, Option } from 'commander';

export type Values =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  /** What this command prints, one a line. */
  | { readonly kind: 'names'; readonly command: string }
  | { readonly kind: 'files' }
  | { readonly kind: 'anything' };

const names = {
  instance: 'ingot list --quiet',
  image: 'ingot image list --quiet',
  template: 'ingot template list --quiet',
  build: 'ingot ami builds --quiet',
  deployment: 'ingot deployments list --quiet',
  target: 'ingot target list --quiet',
  project: 'ingot project list --quiet',
  catalogue: 'ingot catalogue list --quiet',
  token: 'ingot token list --quiet',
  base: 'ingot image base list --quiet',
} as const;

/** Of arguments that are called by more than what they name. */
const argumentsByPlace: Readonly<Record<string, keyof typeof names>> = {
  'connect name': 'instance',
  'exec name': 'instance',
  'console name': 'instance',
  'start names': 'instance',
  'stop names': 'instance',
  'terminate names': 'instance',
  'save names': 'instance',
  'ami save names': 'instance',
  'ami resolve name': 'template',
  'ami preview name': 'template',
  'launch image': 'template',
  'catalogue browse name': 'catalogue',
  'catalogue remove name': 'catalogue',
  'catalogue rm name': 'catalogue',
  'target check name': 'target',
  'target remove name': 'target',
  'target rm name': 'target',
  'token remove name': 'token',
  'token rm name': 'token',
  'image base remove name': 'base',
  'image base rm name': 'base',
};

const files = /^(file|folder|location|path|source)s?$/;

/** `path`: of the command. */
export function argumentValues(path: string, argument: Argument): Values {
  const name = argument.name();
  if (argument.argChoices) return { kind: 'choices', choices: argument.argChoices };
  const named = argumentsByPlace[`${path} ${name}`];
  return named === undefined ? valuesNamed(name) : { kind: 'names', command: names[named] };
}

export function optionValues(option: Option): Values {
  if (option.argChoices) return { kind: 'choices', choices: option.argChoices };
  const placeholder = /[<[]([^\]>.]+)/.exec(option.flags)?.[1] ?? '';
  if (files.test(placeholder)) return { kind: 'files' };
  return valuesNamed(option.attributeName());
}

function valuesNamed(name: string): Values {
  if (files.test(name)) return { kind: 'files' };
  const thing = name.replace(/s$/, '');
  const command = Object.hasOwn(names, thing) ? names[thing as keyof typeof names] : undefined;
  return command === undefined ? { kind: 'anything' } : { kind: 'names', command };
}
