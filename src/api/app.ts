/**
 * The REST API of the factory, described by its own OpenAPI document: one app, in which every room has its routes.
 * Mounted by the server at `/api/v1`, behind a token.
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { requestId } from 'hono/request-id';
import type { Factory } from '../factory/factory.ts';
import type { Access } from './access/access.ts';
import { authenticated, permitted } from './access/guard.ts';
import { mayActAs } from './access/roles.ts';
import { tokensApi } from './access/tokens-api.ts';
import { auditApi } from './audit/audit-api.ts';
import { audited } from './audit/audited.ts';
import { batchesApi } from './builds/batches-api.ts';
import { buildsApi } from './builds/builds-api.ts';
import { cacheApi } from './builds/cache-api.ts';
import { buildEventsApi } from './builds/events-api.ts';
import { validationsApi } from './builds/validations-api.ts';
import { cataloguesApi } from './catalogues/catalogues-api.ts';
import { fetchesApi } from './catalogues/fetches-api.ts';
import { publishApi } from './catalogues/publish-api.ts';
import { unpublishApi } from './catalogues/unpublish-api.ts';
import { costsApi } from './costs/costs-api.ts';
import { pricesApi } from './costs/prices-api.ts';
import { projectsApi } from './costs/projects-api.ts';
import { creationEventsApi } from './creations/creation-events-api.ts';
import { creationsApi } from './creations/creations-api.ts';
import { deletionsApi } from './deletions/deletions-api.ts';
import { deploymentEventsApi } from './deployments/deployment-events-api.ts';
import { deploymentsApi } from './deployments/deployments-api.ts';
import { answeredOnce } from './idempotency/answered-once.ts';
import { imagesApi } from './images/images-api.ts';
import { jobRecordsApi } from './job-records/job-records-api.ts';
import { launchesApi } from './launches/launches-api.ts';
import { resolveApi } from './launches/resolve-api.ts';
import { testsApi } from './launches/tests-api.ts';
import { notificationsApi } from './notifications/notifications-api.ts';
import { describeApi } from './openapi/describe-api.ts';
import { openApiApi } from './openapi/openapi-api.ts';
import { known, operationsOf } from './operations.ts';
import { answerProblem, RequestProblem } from './problem.ts';
import { rebuildsApi } from './rebuilds/rebuilds-api.ts';
import { registryApi } from './registry/registry-api.ts';
import { retentionApi } from './retention/retention-api.ts';
import { copiesApi } from './sharing/copies-api.ts';
import { shareApi } from './sharing/share-api.ts';
import { targetsApi } from './targets/targets-api.ts';
import { templatesApi } from './templates/templates-api.ts';

export type ApiApp = ReturnType<typeof apiApp>;

const basePath = '/api/v1';
const bodyLimitBytes = 4 * 1024 * 1024;

export function apiApp(
  factory: Factory,
  { access, version }: { readonly access: Access; readonly version: string },
) {
  const app = new OpenAPIHono().basePath(basePath);
  // Once: all rooms are there when the first request comes.
  const operations = once(() => operationsOf(app, basePath));
  const document = once(() => describeApi(app, { version, operations: operations() }));
  app
    .use(requestId())
    .use(authenticated(access))
    .use(known(operations))
    .use(bodyLimit({ maxSize: bodyLimitBytes }))
    .use(audited(access, { isAudited, actionOf: (c) => c.get('operation').id }))
    .use(permitted((c) => c.get('operation').role))
    .use(answeredOnce(access));
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
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
    .route('/', publishApi(factory))
    .route('/', unpublishApi(factory))
    .route('/', fetchesApi(factory))
    .route('/', resolveApi(factory))
    .route('/', launchesApi(factory))
    .route('/', testsApi(factory))
    .route('/', copiesApi(factory))
    .route('/', shareApi(factory))
    .route('/', creationsApi(factory))
    .route('/', creationEventsApi(factory))
    .route('/', jobRecordsApi(factory))
    .route('/', deploymentsApi(factory))
    .route('/', deploymentEventsApi(factory))
    .route('/', notificationsApi(factory))
    .route('/', rebuildsApi(factory))
    .route('/', imagesApi(factory))
    .route('/', deletionsApi(factory))
    .route('/', costsApi(factory))
    .route('/', projectsApi(factory))
    .route('/', pricesApi(factory))
    .route('/', tokensApi(access))
    .route('/', auditApi(access))
    .route('/', openApiApi(document));
}

/** What was tried without the role for it, too. */
function isAudited(c: Context): boolean {
  const { audited: always, role } = c.get('operation');
  return always || !mayActAs(c.get('caller'), role);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
