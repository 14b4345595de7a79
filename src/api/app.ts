/**
 * The REST API of the factory, described by its own OpenAPI document: one app, in which every room has its routes.
 * Mounted by the server at `/api/v1`, behind the home's token.
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import { bearerAuth } from 'hono/bearer-auth';
import { bodyLimit } from 'hono/body-limit';
import type { Factory } from '../factory/factory.ts';
import { FactoryError, type FactoryErrorKind } from '../factory/factory-error.ts';
import { batchesApi } from './builds/batches-api.ts';
import { buildsApi } from './builds/builds-api.ts';
import { cacheApi } from './builds/cache-api.ts';
import { buildEventsApi } from './builds/events-api.ts';
import { validationsApi } from './builds/validations-api.ts';
import { cataloguesApi } from './catalogues/catalogues-api.ts';
import { publishApi } from './catalogues/publish-api.ts';
import { registryApi } from './registry/registry-api.ts';
import { retentionApi } from './retention/retention-api.ts';
import { targetsApi } from './targets/targets-api.ts';
import { templatesApi } from './templates/templates-api.ts';

export type ApiApp = ReturnType<typeof apiApp>;

const bodyLimitBytes = 4 * 1024 * 1024;

export function apiApp(factory: Factory, options: { readonly token: string; readonly version: string }) {
  const app = new OpenAPIHono().basePath('/api/v1');
  app.use(bearerAuth({ token: options.token })).use(bodyLimit({ maxSize: bodyLimitBytes }));
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Ingot', version: options.version },
    security: [{ token: [] }],
  });
  app.notFound((c) => c.json({ message: `There is no ${c.req.method} ${c.req.path} here` }, 404));
  app.onError((error, c) => {
    if ('getResponse' in error) return error.getResponse();
    if (error instanceof FactoryError) return c.json({ message: error.message }, statuses[error.kind]);
    factory.log.error(
      { err: error, method: c.req.method, path: c.req.path },
      'A request failed unexpectedly',
    );
    return c.json({ message: withCauses(error) }, 500);
  });
  // A room a line.
  return app
    .route('/', buildsApi(factory))
    .route('/', templatesApi(factory))
    .route('/', targetsApi(factory))
    .route('/', buildEventsApi(factory))
    .route('/', batchesApi(factory))
    .route('/', cacheApi(factory))
    .route('/', validationsApi(factory))
    .route('/', registryApi(factory))
    .route('/', retentionApi(factory))
    .route('/', cataloguesApi(factory))
    .route('/', publishApi(factory));
}

const statuses = {
  invalid: 400,
  'not-found': 404,
  conflict: 409,
  target: 502,
} as const satisfies Record<FactoryErrorKind, number>;

/** Who has the token is told the whole chain. */
function withCauses(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${withCauses(error.cause)}` : error.message;
}
