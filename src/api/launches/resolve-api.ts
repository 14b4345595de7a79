/** Which image a launch takes, and what the launch would do. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import { findLaunchImage } from '../../factory/launches/find-launch-image.ts';
import { planLaunch } from '../../factory/launches/launch-plan.ts';
import { forCaller } from '../caller-keys.ts';
import { json, refusals, room } from '../room.ts';
import {
  machine,
  previewSchema,
  question,
  resolutionSchema,
  toPreview,
  toResolution,
} from './launch-schemas.ts';

const resolveRoute = createRoute({
  method: 'get',
  path: '/ami/resolve',
  operationId: 'resolveImage',
  summary: 'Say which image a launch of a name takes, and why',
  request: { query: z.object(question) },
  responses: { 200: json(resolutionSchema, 'The image, or why there is none'), ...refusals },
});

const previewRoute = createRoute({
  method: 'get',
  path: '/ami/preview',
  operationId: 'previewLaunch',
  summary: 'Say what a launch would do, and what it would cost',
  request: {
    query: z.object({ ...question, ...machine, disk_gb: z.coerce.number().int().min(1).optional() }),
  },
  responses: { 200: json(previewSchema, 'The image, the machine and the price'), ...refusals },
});

export function resolveApi(factory: Factory) {
  return room()
    .openapi(resolveRoute, async (c) => {
      const own = forCaller(factory, c);
      const { region, ...query } = c.req.valid('query');
      const answer = await findLaunchImage(own, {
        ...query,
        region: await regionOf(own, query.target, region),
      });
      return c.json(toResolution(answer), 200);
    })
    .openapi(previewRoute, async (c) => {
      const own = forCaller(factory, c);
      const { region, disk_gb: diskGiB, ...query } = c.req.valid('query');
      const at = await regionOf(own, query.target, region);
      const plan = await planLaunch(own, { ...query, region: at, diskGiB, ports: [], source: '0.0.0.0/0' });
      return c.json(toPreview(plan), 200);
    });
}

export async function regionOf(
  { targets }: Pick<Factory, 'targets'>,
  target: string,
  given: string | undefined,
): Promise<string> {
  return given ?? (await targets.get(target)).regions[0] ?? 'us-east-1';
}
