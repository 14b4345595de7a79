/** A JSON schema in words: a row a field, what lies deeper by its path. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

export interface Row {
  /** `steps[].name`; with `?` where it may be missing. */
  readonly name: string;
  readonly type: string;
  readonly description: string;
}

export function fieldRows(schema: Schema, prefix = ''): readonly Row[] {
  const parts = (schema.allOf ?? []).flatMap((part) =>
    part.$ref === undefined
      ? fieldRows(part, prefix)
      : [{ name: `${prefix}…`, type: typeOf(part), description: '' }],
  );
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const isOptional = !(schema.required ?? []).includes(name);
    const shown = {
      name: `${path}${isOptional ? '?' : ''}`,
      type: typeOf(field),
      description: meaning(field),
    };
    return [
      shown,
      ...fieldRows(field, `${path}.`),
      ...(field.items ? fieldRows(field.items, `${path}[].`) : []),
    ];
  });
  return [...parts, ...own];
}

/** Markdown; named schemas are links. */
export function typeOf(schema: Schema): string {
  const { $ref, type, items, additionalProperties } = schema;
  if ($ref !== undefined) {
    const name = $ref.split('/').at(-1) ?? '';
    return `[${name}](#${name.toLowerCase()})`;
  }
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(typeOf))].join(' or ');
  if (schema.allOf !== undefined)
    return [...new Set(schema.allOf.filter(isTyped).map(typeOf))].join(' with ');
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (Array.isArray(type)) return type.map((each) => typeOf({ ...schema, type: each })).join(' or ');
  if (type === 'array') return `list of ${items === undefined ? 'anything' : typeOf(items)}`;
  if (type === 'object' && typeof additionalProperties === 'object')
    return `map of ${typeOf(additionalProperties)}`;
  return String(type ?? 'anything');
}

/** A part that only describes has no type of its own. */
function isTyped({ $ref, type, properties }: Schema): boolean {
  return $ref !== undefined || type !== undefined || properties !== undefined;
}

export function meaning({ description = '', default: usual, allOf = [] }: Schema): string {
  const told = description || (allOf.find((part) => part.description !== undefined)?.description ?? '');
  if (usual === undefined) return told;
  return `${told}${told === '' ? '' : '; '}\`${JSON.stringify(usual)}\` unless told`;
}
