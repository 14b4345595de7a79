/**
 * The REST API of the factory, described by its own OpenAPI document: one app, in which every room has its routes.
 * Mounted by the server at `/api/v1`, behind the home's token.
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import { bearerAuth } from 'hono/bearer-auth';
import { bodyLimit } from 'hono/body-limit';
import { requestId } from 'hono/request-id';
import type { Factory } from '../factory/factory.ts';
import { batchesApi } from './builds/batches-api.ts';
import { buildsApi } from './builds/builds-api.ts';
import { cacheApi } from './builds/cache-api.ts';
import { buildEventsApi } from './builds/events-api.ts';
import { validationsApi } from './builds/validations-api.ts';
import { cataloguesApi } from './catalogues/catalogues-api.ts';
import { publishApi } from './catalogues/publish-api.ts';
import { answerProblem, RequestProblem } from './problem.ts';
import { registryApi } from './registry/registry-api.ts';
import { retentionApi } from './retention/retention-api.ts';
import { targetsApi } from './targets/targets-api.ts';
import { templatesApi } from './templates/templates-api.ts';

export type ApiApp = ReturnType<typeof apiApp>;

const bodyLimitBytes = 4 * 1024 * 1024;

export function apiApp(factory: Factory, options: { readonly token: string; readonly version: string }) {
  const app = new OpenAPIHono().basePath('/api/v1');
  app
    .use(requestId())
    .use(bearerAuth({ token: options.token }))
    .use(bodyLimit({ maxSize: bodyLimitBytes }));
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Ingot', version: options.version },
    security: [{ token: [] }],
  });
  app.notFound((c) => {
    throw new RequestProblem('no-such-route', `There is no ${c.req.method} ${c.req.path} here`);
  });
  app.onError((error, c) => answerProblem(error, c, factory.log));
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
