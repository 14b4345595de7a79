/** The JSON Schema of a template, for editors: docs/reference/template.schema.json. */
import { z } from 'zod';
import { templateSchema } from './schema.ts';

/** A field that doesn't hold any text may hold a parameter in its place. */
const parameter = { type: 'string', pattern: '^\\$\\{\\{\\s*parameters\\.[a-z][a-z0-9_]*\\s*\\}\\}$' };

export function templateJsonSchema(): unknown {
  return {
    ...z.toJSONSchema(templateSchema, {
      io: 'input',
      target: 'draft-7',
      unrepresentable: 'any',
      override: ({ jsonSchema, path }) => {
        if (path[1] === 'parameters' || path.includes('propertyNames')) return;
        const { type, enum: choices, pattern, description } = jsonSchema;
        const isText = type === 'string' && choices === undefined && pattern === undefined;
        if (isText || type === 'object' || type === 'array' || type === undefined) return;
        const own = { ...jsonSchema };
        delete own.description;
        for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
        Object.assign(
          jsonSchema,
          { anyOf: [own, parameter] },
          description === undefined ? {} : { description },
        );
      },
    }),
    title: 'Ingot template',
  };
}
