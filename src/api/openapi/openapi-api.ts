import { createRoute, z } from '@hono/zod-openapi';
import { json, room } from '../room.ts';
import type { ApiDocument } from './describe-api.ts';

const documentRoute = createRoute({
  method: 'get',
  path: '/openapi.json',
  operationId: 'getOpenApi',
  summary: 'This document',
  responses: { 200: json(z.record(z.string(), z.unknown()), 'OpenAPI 3.1') },
});

export function openApiApi(document: () => ApiDocument) {
  return room().openapi(documentRoute, (c) => c.json(JSON.parse(JSON.stringify(document())), 200));
}
