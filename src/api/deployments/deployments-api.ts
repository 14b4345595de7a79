import { createRoute, z } from '@hono/zod-openapi';
import { deleteDeployment } from '../../factory/deployments/delete-deployment.ts';
import { deploymentLogin } from '../../factory/deployments/deployment-login.ts';
import { findDeployment, listDeployments } from '../../factory/deployments/find-deployment.ts';
import { prepareDeployment } from '../../factory/deployments/prepare-deployment.ts';
import { resumeDeployment } from '../../factory/deployments/resume-deployment.ts';
import { startDeployment } from '../../factory/deployments/start-deployment.ts';
import type { Factory } from '../../factory/factory.ts';
import { nextPage, openPage, pageQuery } from '../page.ts';
import { allowed, json, refusals, room, written } from '../room.ts';
import {
  deploymentRequestSchema,
  deploymentSchema,
  toDeploymentBody,
  toDeploymentRequest,
} from './deployment-schema.ts';
import { amiCreationStatuses, deploymentStatuses } from './statuses.ts';

const params = z.object({ deployment_id: z.string().describe('Its id, or its name where it alone has it') });

const startRoute = createRoute({
  method: 'post',
  path: '/deployments',
  operationId: 'startDeployment',
  summary: 'Deploy an app',
  request: { body: { ...json(deploymentRequestSchema, 'Which app, in which version'), required: true } },
  responses: { 202: json(deploymentSchema, 'It has begun'), ...refusals },
});

const listRoute = createRoute({
  method: 'get',
  path: '/deployments',
  operationId: 'listDeployments',
  summary: 'List deployments, newest first',
  request: {
    query: z.object({
      deployment_type: z.string().optional(),
      version: z.string().optional(),
      status: z.enum(deploymentStatuses).optional(),
      ami_creation_status: z.enum(amiCreationStatuses).optional(),
      all: z
        .enum(['true', 'false'])
        .default('false')
        .transform((text) => text === 'true')
        .describe('Deleted ones too'),
      ...pageQuery,
    }),
  },
  responses: {
    200: json(z.object({ deployments: z.array(deploymentSchema), ...nextPage }), 'The deployments'),
    ...refusals,
  },
});

const showRoute = createRoute({
  method: 'get',
  path: '/deployments/{deployment_id}',
  operationId: 'getDeployment',
  summary: 'Show a deployment',
  request: { params },
  responses: { 200: json(deploymentSchema, 'The deployment'), ...refusals },
});

const deleteRoute = createRoute({
  method: 'delete',
  path: '/deployments/{deployment_id}',
  operationId: 'deleteDeployment',
  summary: 'End a deployment and remove its machine; answers when that is done. The image that it left stays',
  request: { params },
  responses: { 200: json(deploymentSchema, 'The deployment'), ...refusals },
});

const resumeRoute = createRoute({
  method: 'post',
  path: '/deployments/{deployment_id}/resume',
  operationId: 'resumeDeployment',
  summary: 'Go on with a failed deployment from the step that failed',
  request: { params },
  responses: { 202: json(deploymentSchema, 'It goes on'), ...refusals },
});

const loginRoute = createRoute({
  method: 'get',
  path: '/deployments/{deployment_id}/login',
  operationId: 'getDeploymentLogin',
  summary: "How to log in to a deployment's machine",
  ...allowed('operator'),
  ...written,
  request: { params },
  responses: {
    200: json(
      z.object({
        instance_id: z.string(),
        host: z.string(),
        port: z.number(),
        user: z.string(),
        private_key: z.string(),
      }),
      'Where, as whom, with which key',
    ),
    ...refusals,
  },
});

export function deploymentsApi(factory: Factory) {
  const shown = async (id: string) => toDeploymentBody(await findDeployment(factory, id));
  return room()
    .openapi(startRoute, async (c) => {
      const input = await prepareDeployment(factory, toDeploymentRequest(c.req.valid('json')));
      return c.json(await shown(await startDeployment(factory, input)), 202);
    })
    .openapi(listRoute, async (c) => {
      const query = c.req.valid('query');
      const page = openPage('listDeployments', query);
      const [createdAt, id] = page.after ?? [];
      const found = await listDeployments(factory, {
        app: query.deployment_type,
        version: query.version,
        status: query.status,
        imageStatus: query.ami_creation_status,
        all: query.all,
        limit: page.limit + 1,
        after: id === undefined ? undefined : { createdAt: String(createdAt), id: String(id) },
      });
      const { rows, next_page_token } = page.end(found, (each) => [each.createdAt, each.id]);
      return c.json({ deployments: rows.map(toDeploymentBody), next_page_token }, 200);
    })
    .openapi(showRoute, async (c) => c.json(await shown(c.req.valid('param').deployment_id), 200))
    .openapi(deleteRoute, async (c) => {
      const deployment = await deleteDeployment(factory, c.req.valid('param').deployment_id);
      return c.json(toDeploymentBody(deployment), 200);
    })
    .openapi(resumeRoute, async (c) => {
      const id = await resumeDeployment(factory, c.req.valid('param').deployment_id);
      return c.json(await shown(id), 202);
    })
    .openapi(loginRoute, async (c) => {
      const { instanceId, host, port, user, privateKey } = await deploymentLogin(
        factory,
        c.req.valid('param').deployment_id,
      );
      return c.json({ instance_id: instanceId, host, port, user, private_key: privateKey }, 200);
    });
}
