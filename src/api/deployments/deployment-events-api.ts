/** A deployment's events as they come (server-sent), and its log as text: of itself and of its image. */
import { createRoute, z } from '@hono/zod-openapi';
import { deploymentRests } from '../../factory/deployments/deployment-rests.ts';
import { findDeployment } from '../../factory/deployments/find-deployment.ts';
import type { Factory } from '../../factory/factory.ts';
import { followed, followHeaders, followRun, logged, sendLog } from '../follow-run.ts';
import { refusals, room } from '../room.ts';

const params = z.object({ deployment_id: z.string() });

const eventsRoute = createRoute({
  method: 'get',
  path: '/deployments/{deployment_id}/events',
  operationId: 'followDeployment',
  summary:
    'Follow a deployment and its image: server-sent events until both rest; the header Last-Event-ID goes on from there',
  request: { params, headers: followHeaders },
  responses: { 200: followed, ...refusals },
});

const logRoute = createRoute({
  method: 'get',
  path: '/deployments/{deployment_id}/log',
  operationId: 'getDeploymentLog',
  summary: "A deployment's log, its image's lines among it",
  request: { params },
  responses: { 200: logged, ...refusals },
});

export function deploymentEventsApi(factory: Factory) {
  return room()
    .openapi(eventsRoute, async (c) => {
      const { id } = await findDeployment(factory, c.req.valid('param').deployment_id);
      const after = c.req.valid('header')['last-event-id'] ?? 0;
      const goesOn = async () => !(await deploymentRests(factory, id));
      return followRun(factory, c, { id, after, goesOn });
    })
    .openapi(logRoute, async (c) => {
      const { id } = await findDeployment(factory, c.req.valid('param').deployment_id);
      return sendLog(factory, c, id);
    });
}
