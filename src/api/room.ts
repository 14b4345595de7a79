/** What the routes of every room share. Fields of bodies are snake_case; paths are plural nouns. */
import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Role } from './access/roles.ts';
import { type Mistake, problemSchema, problems, problemType, RequestProblem } from './problem.ts';

/** A room's app: what doesn't fit its schema is refused with every problem, by field. */
export function room(): OpenAPIHono {
  return new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw toRequestProblem(result.error, result.target);
    },
  });
}

export function json<S extends z.ZodType>(schema: S, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** Of a schema with a name: `.nullable()` would make it null wherever else it is named, or nowhere. */
export function orNull<S extends z.ZodType>(schema: S) {
  return z.union([schema, z.null()]);
}

/** For `responses`: what a route's own work can be refused with. */
export const refusals = {
  400: refusal(problems.invalid.title),
  404: refusal(problems['not-found'].title),
  409: refusal(problems.conflict.title),
  502: refusal(problems.target.title),
};

export function refusal(description: string) {
  return { description, content: { [problemType]: { schema: problemSchema } } };
}

/** For a route: who may take it, where that isn't a viewer for GET and an operator for all else. */
export function allowed(role: Role) {
  return { [roleField]: role } as const;
}

/** In the OpenAPI document. */
export const roleField = 'x-role';
export const auditedField = 'x-audited';

/** For a GET that does more than show: the audit log tells of it. */
export const written = { [auditedField]: true } as const;

/** `target`: the part of the request that the schema is of: `json`, `query`, `param`, `header`. */
export function toRequestProblem(
  { issues }: { readonly issues: readonly z.core.$ZodIssue[] },
  target: string,
): RequestProblem {
  const mistakes = issues.map(({ path, message }): Mistake => {
    return target === 'json'
      ? { detail: message, pointer: pointerOf(path) }
      : { detail: message, parameter: path.join('.') };
  });
  const detail = issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ');
  return new RequestProblem('invalid', detail, { mistakes });
}

/** RFC 6901, as a URI fragment. */
function pointerOf(path: readonly PropertyKey[]): string {
  const escaped = path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1'));
  return `#${escaped.map((part) => `/${encodeURIComponent(part)}`).join('')}`;
}
