/** Records of deployments from before. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import { importJobs } from '../../factory/job-records/import-jobs.ts';
import { architecture } from '../registry/schemas.ts';
import { allowed, json, refusals, room } from '../room.ts';

const importRoute = createRoute({
  method: 'post',
  path: '/deployments/import',
  operationId: 'importDeployments',
  summary: 'Take the jobs table of an earlier deployment manager over',
  ...allowed('admin'),
  request: {
    body: {
      ...json(
        z
          .strictObject({
            file: z.string().startsWith('/', 'must be an absolute path').describe('Its SQLite file'),
            target: z.string().default('local').describe('Where its machines and images are'),
            region: z.string().optional().describe('Of records that name none'),
            architecture: architecture.default('x86_64'),
          })
          .openapi('JobImport'),
        'Which records',
      ),
      required: true,
    },
  },
  responses: {
    200: json(
      z
        .object({
          imported: z.array(z.string()).describe('Ids of the deployments that are new here'),
          known: z.array(z.string()).describe('Imported before'),
        })
        .openapi('ImportedJobs'),
      'They are here',
    ),
    ...refusals,
  },
});

export function jobRecordsApi(factory: Factory) {
  return room().openapi(importRoute, async (c) => {
    const { imported, known } = await importJobs(factory, c.req.valid('json'));
    return c.json({ imported: [...imported], known: [...known] }, 200);
  });
}
