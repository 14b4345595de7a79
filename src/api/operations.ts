/** The operations of the API, as its routes declare them, and which one a request is for. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { type Role, roles } from './access/roles.ts';
import { RequestProblem } from './problem.ts';
import { auditedField, roleField } from './room.ts';

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** As hono has it: `/api/v1/builds/:build_id`. */
  readonly path: string;
  /** Who may take it, at the least. */
  readonly role: Role;
  /** Whether the audit log tells of it: all that does something, and what opens a door. */
  readonly audited: boolean;
}

declare module 'hono' {
  interface ContextVariableMap {
    operation: Operation;
  }
}

export function operationsOf(
  { openAPIRegistry }: Pick<OpenAPIHono, 'openAPIRegistry'>,
  basePath: string,
): readonly Operation[] {
  return openAPIRegistry.definitions.flatMap((definition) => {
    if (definition.type !== 'route') return [];
    const { route } = definition;
    const method = route.method.toUpperCase();
    const usual = method === 'GET' ? 'viewer' : 'operator';
    const role = roles.find((each) => each === route[roleField]) ?? usual;
    return {
      id: route.operationId ?? '',
      method,
      path: `${basePath}${route.path.replaceAll(/\/{(.+?)}/g, '/:$1')}`,
      role,
      audited: auditedField in route || (method !== 'GET' && role !== 'viewer'),
    };
  });
}

/** Sets `operation`, or refuses: no route, or none with this method. `operations` is called once all rooms are there. */
export function known(operations: () => readonly Operation[]): MiddlewareHandler {
  return async (c, next) => {
    const matched = matchedRoutes(c).find(({ method }) => method !== 'ALL');
    const operation = operations().find(
      ({ method, path }) => method === matched?.method && path === matched.path,
    );
    if (operation === undefined) throw unknown(operations(), c.req.method, c.req.path);
    c.set('operation', operation);
    await next();
  };
}

function unknown(operations: readonly Operation[], method: string, path: string): RequestProblem {
  const methods = operations.filter((each) => pattern(each.path).test(path)).map((each) => each.method);
  if (methods.length === 0) return new RequestProblem('no-such-route', `There is no ${method} ${path} here`);
  const allow = [...new Set(methods)].join(', ');
  return new RequestProblem('method-not-allowed', `${path} takes ${allow}, not ${method}`, {
    headers: { allow },
  });
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:[^/]+/g, '[^/]+')}$`);
}
