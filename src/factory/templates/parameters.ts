/** What a template's parameters are worth in one build: what was given, else the default. */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { nearest } from '../../platform/nearest.ts';
import { checkDocument, type Problem } from '../../platform/yaml-document.ts';
import type { Layer } from './read-layers.ts';
import { templateSchema } from './schema.ts';
import type { ParameterDeclaration, ParameterValue } from './template.ts';

export interface ParametersInForce {
  readonly values: Readonly<Record<string, ParameterValue>>;
  /** The file that holds each secret one's value. */
  readonly secretFiles: Readonly<Record<string, string>>;
  readonly declarations: readonly ParameterDeclaration[];
}

const block = z.looseObject({ parameters: templateSchema.shape.parameters });
type Declared = NonNullable<NonNullable<z.output<typeof block>['parameters']>[string]>;
type Problems = readonly Problem[];

/** Values as `--param` gives them; a text is read as the parameter's type. */
export type GivenParameters = Readonly<Record<string, ParameterValue>>;

/**
 * `examples`: a required parameter without a value takes one of its type, so that a template can be checked before
 * anyone chose.
 */
export function resolveParameters(
  layers: readonly Layer[],
  given: GivenParameters,
  options: { readonly examples: boolean },
): { readonly inForce: ParametersInForce; readonly problems: Problems } {
  const { declared, problems } = declaredBy(layers);
  const [own] = layers;
  const values: Record<string, ParameterValue> = {};
  const secretFiles: Record<string, string> = {};
  for (const [name, { declaration, layer }] of Object.entries(declared)) {
    const refuse = (message: string) => {
      problems.push(layer.document.problem(['parameters', name], message));
      // So that what uses it isn't refused as well.
      values[name] = example(declaration) ?? '';
    };
    const value = given[name] ?? declaration.default ?? (options.examples ? example(declaration) : undefined);
    if (value === undefined) {
      if (declaration.required === false) values[name] = '';
      else refuse(`has no default, so a value must be given: --param ${name}=…`);
    } else if (declaration.secret) {
      const file = String(value).replace(/^@/, '');
      if (String(value).startsWith('@') && isAbsolute(file)) secretFiles[name] = file;
      else refuse(`is secret: give the absolute path of a file that holds it, as in --param ${name}=@/path`);
    } else {
      const read = typed(declaration, value);
      if ('rule' in read) refuse(`is '${value}', but ${read.rule}`);
      else values[name] = read.value;
    }
  }
  for (const name of Object.keys(given).filter((each) => !(each in declared))) {
    const near = nearest(name, Object.keys(declared));
    const known = Object.keys(declared).join(', ') || 'none';
    const hint = near === undefined ? `It has ${known}` : `Did you mean ${near}?`;
    problems.push({
      file: own?.file ?? '',
      field: 'parameters',
      message: `the template has no '${name}'. ${hint}`,
    });
  }
  const declarations = Object.entries(declared).map(([name, { declaration }]) =>
    asDeclared(name, declaration),
  );
  return { inForce: { values, secretFiles, declarations }, problems };
}

interface Declaration {
  readonly declaration: Declared;
  readonly layer: Layer;
}

/** A child's word on a parameter goes before its parent's, field by field. */
function declaredBy(layers: readonly Layer[]) {
  const declared: Record<string, Declaration> = {};
  const problems: Problem[] = [];
  for (const layer of layers.toReversed()) {
    const checked = checkDocument(layer.document, block);
    if ('problems' in checked) problems.push(...checked.problems);
    else {
      for (const [name, own] of Object.entries(checked.data.parameters ?? {})) {
        declared[name] = { declaration: { ...declared[name]?.declaration, ...own }, layer };
      }
    }
  }
  return { declared, problems };
}

function asDeclared(name: string, declaration: Declared): ParameterDeclaration {
  const { type = 'string', description = '', choices, required = true, secret = false } = declaration;
  return {
    name,
    type,
    description,
    ...(declaration.default === undefined ? {} : { default: declaration.default }),
    required: required && declaration.default === undefined,
    ...(choices === undefined ? {} : { choices }),
    secret,
  };
}

function typed(
  { type = 'string', choices, pattern }: Declared,
  value: ParameterValue,
): { readonly value: ParameterValue } | { readonly rule: string } {
  const text = String(value);
  if (choices !== undefined && !choices.some((choice) => String(choice) === text)) {
    const near = nearest(text, choices.map(String));
    return {
      rule: `must be one of ${choices.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`,
    };
  }
  if (pattern !== undefined) {
    const whole = compiled(pattern);
    if (whole === undefined) return { rule: `its pattern '${pattern}' is no regular expression` };
    if (!whole.test(text)) return { rule: `must match ${pattern}` };
  }
  switch (type) {
    case 'string':
      return { value: text };
    case 'number': {
      const number = Number(text);
      return text.trim() === '' || Number.isNaN(number) ? { rule: 'must be a number' } : { value: number };
    }
    case 'boolean':
      return /^(true|false)$/.test(text) ? { value: text === 'true' } : { rule: 'must be true or false' };
    default:
      return type satisfies never;
  }
}

function compiled(pattern: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    return undefined;
  }
}

function example({
  type = 'string',
  choices,
  secret,
  pattern,
  required,
}: Declared): ParameterValue | undefined {
  if (required === false) return undefined;
  if (secret) return '@/dev/null';
  if (choices?.[0] !== undefined) return choices[0];
  if (type === 'number') return 1;
  if (type === 'boolean') return false;
  return pattern === undefined ? 'example' : undefined;
}
