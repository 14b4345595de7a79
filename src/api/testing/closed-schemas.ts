/**
 * A document whose objects have no fields but those it tells of: OpenAPI leaves objects open, and then a field that
 * nobody described would pass. What several schemas make together (`allOf`) is closed as a whole.
 */
type Json = Readonly<Record<string, unknown>>;

export function closed(document: unknown): unknown {
  const { components, paths, ...rest } = document as { readonly components: Json; readonly paths: Json };
  const schemas = mapValues(components.schemas as Json, (schema) => inside(schema));
  return { ...rest, components: { ...components, schemas }, paths: inSchemas(paths) };
}

/** Everything under a key `schema` is one. */
function inSchemas(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inSchemas);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, key === 'schema' ? whole(each) : inSchemas(each)]),
  );
}

function whole(schema: unknown): unknown {
  if (!isObject(schema)) return schema;
  const isOpen = 'additionalProperties' in schema || 'anyOf' in schema || 'oneOf' in schema;
  const hasFields = 'properties' in schema || 'allOf' in schema || '$ref' in schema;
  return { ...inside(schema), ...(hasFields && !isOpen ? { unevaluatedProperties: false } : {}) };
}

/** Closes what the schema holds, and leaves it open itself. */
function inside(schema: unknown): Json {
  if (!isObject(schema)) return {};
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (key === 'properties') return [key, mapValues(value as Json, whole)];
      if (key === 'items' || key === 'additionalProperties') return [key, whole(value)];
      if (key === 'prefixItems' || key === 'anyOf' || key === 'oneOf')
        return [key, (value as unknown[]).map(whole)];
      if (key === 'allOf') return [key, (value as unknown[]).map(inside)];
      return [key, value];
    }),
  );
}

function mapValues(object: Json, change: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
