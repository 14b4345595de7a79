/** Trying images out: launched, checked, removed, in each region. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import { findImageTest } from '../../factory/launches/find-image-test.ts';
import type { ImageTest } from '../../factory/launches/image-test.ts';
import { startImageTest } from '../../factory/launches/start-image-test.ts';
import { json, refusals, room } from '../room.ts';
import { question } from './launch-schemas.ts';

const testSchema = z
  .object({
    test_id: z.string(),
    name: z.string(),
    target: z.string(),
    status: z.enum(['in_progress', 'passed', 'failed']),
    region_results: z.record(
      z.string(),
      z.object({
        region: z.string(),
        status: z
          .enum(['in_progress', 'passed', 'failed', 'missing'])
          .describe('`missing`: there was nothing to launch'),
        ami_id: z.string().nullable(),
        version: z.string().nullable(),
        boot_seconds: z.number().nullable(),
        ssh_seconds: z.number().nullable(),
        validation_results: z.array(
          z.object({
            name: z.string(),
            status: z.enum(['passed', 'failed']),
            output: z.string(),
            error: z.string().nullable(),
          }),
        ),
        error: z.string().nullable(),
        left_over: z.array(z.string()).describe('What could not be removed'),
      }),
    ),
    created_at: z.string(),
  })
  .openapi('ImageTest');

const { region: _, ...name } = question;

const startRoute = createRoute({
  method: 'post',
  path: '/ami/test',
  operationId: 'testImage',
  summary: 'Launch an image in each region, run its template’s checks there, and remove the machine',
  request: {
    body: {
      ...json(
        z
          .strictObject({
            ...name,
            regions: z.array(z.string()).min(1).optional().describe('Where it is, unless told'),
          })
          .openapi('ImageTestRequest'),
        'Which image, and where',
      ),
      required: true,
    },
  },
  responses: { 202: json(testSchema, 'It has begun'), ...refusals },
});

const showRoute = createRoute({
  method: 'get',
  path: '/ami/test/{test_id}',
  operationId: 'getImageTest',
  summary: 'Show a test, by region',
  request: { params: z.object({ test_id: z.string() }) },
  responses: { 200: json(testSchema, 'The test'), ...refusals },
});

export function testsApi(factory: Factory) {
  return room()
    .openapi(startRoute, async (c) => {
      const id = await startImageTest(factory, c.req.valid('json'));
      return c.json(toBody(await findImageTest(factory, id)), 202);
    })
    .openapi(showRoute, async (c) =>
      c.json(toBody(await findImageTest(factory, c.req.valid('param').test_id)), 200),
    );
}

function toBody(test: ImageTest): z.output<typeof testSchema> {
  const results = test.regions.map((each) => ({
    ...{ region: each.region, status: each.status },
    ...{ ami_id: each.imageId ?? null, version: each.version ?? null },
    boot_seconds: seconds(each.bootMs),
    ssh_seconds: seconds(each.sshMs),
    validation_results: each.checks.map((check) => ({ ...check, error: check.error ?? null })),
    error: each.error ?? null,
    left_over: [...each.leftOver],
  }));
  return {
    ...{ test_id: test.id, name: test.name, target: test.target, status: test.status },
    region_results: Object.fromEntries(results.map((each) => [each.region, each])),
    created_at: test.createdAt,
  };
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1000;
}
