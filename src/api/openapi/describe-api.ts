/** The OpenAPI document: what the rooms declare, and what the frame adds to every route. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { keyHeader } from '../idempotency/answered-once.ts';
import type { Operation } from '../operations.ts';
import { type ProblemCode, problems, problemType } from '../problem.ts';

export type ApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

type PathItem = NonNullable<ApiDocument['paths']>[string];
type OperationObject = NonNullable<PathItem['get']>;

export const description = `Every request has a bearer token: that of the home, or one made with \`ingot token add\`. \
A viewer may look, an operator may build, launch and delete, an admin may also give tokens and change targets. \
Refusals are problem details (RFC 9457) with a \`code\` that stays. \
A POST with an \`${keyHeader}\` is done once: asked again, it is answered as before, for a day. \
A list ends with \`next_page_token\`; \`page_token\` goes on from there. \
Every answer names its request in \`X-Request-Id\`, which may be given.`;

export function describeApi(
  app: Pick<OpenAPIHono, 'getOpenAPI31Document'>,
  options: { readonly version: string; readonly operations: readonly Operation[] },
): ApiDocument {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Ingot', version: options.version, description },
    security: [{ token: [] }],
  });
  const byId = new Map(options.operations.map((operation) => [operation.id, operation]));
  const paths = Object.entries(document.paths ?? {}).map(([path, item]) => {
    const methods = Object.entries(item).map(([method, operation]: [string, OperationObject]) => [
      method,
      completed(path, method, operation, byId.get(operation.operationId ?? '')),
    ]);
    return [path, Object.fromEntries(methods)];
  });
  return { ...document, paths: Object.fromEntries(paths) };
}

function completed(
  path: string,
  method: string,
  operation: OperationObject,
  known: Operation | undefined,
): OperationObject {
  const takesBody = operation.requestBody !== undefined;
  const codes: readonly ProblemCode[] = [
    'unauthenticated',
    'forbidden',
    'internal',
    ...(takesBody ? (['too-large', 'unsupported-media-type'] as const) : []),
    ...(method === 'post' ? (['conflict', 'key-reused'] as const) : []),
  ];
  const added = Object.fromEntries(
    codes.map((code) => [
      problems[code].status,
      { description: problems[code].title, content: { [problemType]: { schema: problemReference } } },
    ]),
  );
  const parameters = [...(operation.parameters ?? []), ...(method === 'post' ? [keyParameter] : [])];
  return {
    ...operation,
    tags: [path.split('/')[3] ?? ''],
    'x-role': known?.role,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: { ...added, ...operation.responses },
  };
}

const problemReference = { $ref: '#/components/schemas/Problem' };

const keyParameter = {
  name: keyHeader,
  in: 'header' as const,
  required: false,
  schema: { type: 'string' as const, minLength: 1, maxLength: 255 },
  description: 'Given again with the same request within a day, it is answered as the first time',
};
